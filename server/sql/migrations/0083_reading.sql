-- What is beside a deal is asked with what its side says there is, and what did a next step is answered as texts.

DROP FUNCTION IF EXISTS jiayi.deal_around(bigint);
DROP FUNCTION IF EXISTS jiayi.next_done(bigint);

-- definitions: faf506ad2005069eba090ef572fb76aedc1db9cbae7f208c7cd1594fae2f260c
