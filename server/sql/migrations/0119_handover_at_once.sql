-- A handover writes the histories of deals at once, tells only who follows, and finds by whom comments are found for less.
-- definitions: 5ffd02708948a60c16bbe853e9b6d518fc4511ab92052c5077d4a7fe5d00b058

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- What no comment could miss: who calls is the author, whose company is looked up, and the thing has a company by its kind.
ALTER TABLE comment
    DROP CONSTRAINT comment_member_id_fkey,
    DROP CONSTRAINT comment_author_company_id_fkey,
    DROP CONSTRAINT comment_on_kind_fkey;
