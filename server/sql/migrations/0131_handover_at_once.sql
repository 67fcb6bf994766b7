-- A handover writes the histories of deals at once, tells only who follows, and finds by whom comments are found for less.
-- definitions: 087702c24ac67da91ac0dece58adcc90003f378962db6e5dae50365d9ba7ad13

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- What no comment could miss: who calls is the author, whose company is looked up, and the thing has a company by its kind.
ALTER TABLE comment
    DROP CONSTRAINT comment_member_id_fkey,
    DROP CONSTRAINT comment_author_company_id_fkey,
    DROP CONSTRAINT comment_on_kind_fkey;
