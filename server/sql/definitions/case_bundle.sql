-- Cases as somebody gets them who has nothing but a bundle: how that is checked, with tar, sha256sum or openssl.

CREATE OR REPLACE FUNCTION case_readme(c case_file) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    language text := (SELECT s.language FROM company_settings(c.company_id) AS s);
BEGIN
    RETURN format(CASE language
WHEN 'zh' THEN '%1$s（%2$s）：如何核对本文件夹

只需要 tar、sha256sum（或 openssl）即可，不需要账号，也不需要服务器。

1. 打包之后没有任何文件被改动：
       sha256sum -c SHA256SUMS
   逐个核对也可以：
       openssl dgst -sha256 case.json
   双方各自打包时，请先互相告知 SHA256SUMS 的 SHA-256，之后谁也不能改动自己的那一份：
       sha256sum SHA256SUMS

2. 陈述与决定。statements/0001.txt 是原话；statements/0001.lines.txt 前面几行写明针对什么、第几版、
   哪家公司、何人（均为编号）、何时，空一行之后是同样的原话。它的 SHA-256 就是 case.json 中该条的
   digest，也是双方各自查看时看到的 digest：
       sha256sum statements/0001.lines.txt
   人和公司的名称写在 case.json 里。

3. 证据是提交当时的样子，之后的改动不影响它。evidence/ 中每个文件的 SHA-256 就是 case.json 中该条的
   sha256，version 是提交时的版本。若证据是合同或报告，从第四行起就是当时的正文，例如：
       tail -n +4 evidence/0001-contract-1.txt | sha256sum

4. 合同。contract.txt 是事项开立时有效的那一版合同，逐字节与双方签署的一致；谁在何时签署，写在
   case.json 的 signatures 里。它的 SHA-256 就是签署时确认的那一个：
       sha256sum contract.txt

5. files/ 是附在事项上的文件，log.jsonl 是系统日志（有权查看的人打包时才有）。

它不能证明什么：单独一份打包不能证明整件事不是编造的，也不能证明系统时钟准确。请让另一方也打包一份：
两份中同一条陈述、同一份证据的 digest 和 sha256 必须一致。对方无权看到的内容不在对方那一份里。
'
WHEN 'sq' THEN '%1$s (%2$s): si kontrollohet kjo dosje

Mjaftojnë tar dhe sha256sum (ose openssl); nuk duhet as llogari, as server.

1. Asgjë nuk u ndryshua që kur u bë paketa:
       sha256sum -c SHA256SUMS
   Ose një nga një:
       openssl dgst -sha256 case.json
   Palët le t''ia thonë njëra-tjetrës që në fillim SHA-256 të SHA256SUMS: pas kësaj askush nuk e ndryshon
   më paketën e vet:
       sha256sum SHA256SUMS

2. Deklaratat dhe vendimet. statements/0001.txt ka fjalët. statements/0001.lines.txt fillon me rreshtat
   që thonë për çfarë, në cilin version, për cilën kompani, nga kush (me numra) dhe kur; pas një rreshti
   bosh vijnë të njëjtat fjalë. SHA-256 i tij është digest i asaj deklarate në case.json, dhe ai që sheh
   secila palë te vetja:
       sha256sum statements/0001.lines.txt
   Emrat e njerëzve dhe të kompanive janë në case.json.

3. Provat janë siç ishin kur u dorëzuan; ndryshimet e mëvonshme nuk i prekin. SHA-256 i çdo skedari në
   evidence/ është sha256 i asaj prove në case.json, dhe version thotë cili version u dorëzua. Te një
   kontratë ose raport rreshtat nga i katërti e tutje janë vetë teksti i atëhershëm, për shembull:
       tail -n +4 evidence/0001-contract-1.txt | sha256sum

4. Kontrata. contract.txt është versioni që ishte në fuqi kur u hap çështja, bajt për bajt siç u nënshkrua;
   kush e nënshkroi dhe kur, thuhet te signatures në case.json. SHA-256 i tij është ai që u pohua gjatë
   nënshkrimit:
       sha256sum contract.txt

5. files/ janë skedarët e bashkëngjitur, log.jsonl regjistri i ndryshimeve (vetëm te kush mund ta lexojë).

Çfarë nuk provon: një paketë e vetme nuk provon se nuk u shpik e gjitha, as se ora ishte e saktë. Kërkojini
edhe palës tjetër paketën e saj: te e njëjta deklaratë dhe e njëjta provë digest dhe sha256 duhet të jenë
të njëjtë. Çfarë pala tjetër nuk mund ta lexojë, nuk është në paketën e saj.
'
ELSE '%1$s (%2$s): how to check this folder

tar and sha256sum (or openssl) are enough; it takes no account and no server.

1. Nothing was changed since the bundle was made:
       sha256sum -c SHA256SUMS
   Or one by one:
       openssl dgst -sha256 case.json
   The sides should tell each other the SHA-256 of SHA256SUMS at once: after that nobody can change their
   own bundle:
       sha256sum SHA256SUMS

2. Statements and decisions. statements/0001.txt has the words. statements/0001.lines.txt begins with lines
   that say on what, at which version, for which company, by whom (in numbers) and when; after an empty
   line come the same words. Its SHA-256 is the digest of that statement in case.json, and the one that
   each side sees by itself:
       sha256sum statements/0001.lines.txt
   The names of people and companies are in case.json.

3. Evidence is as it was when it was handed over; later changes do not touch it. The SHA-256 of each file
   in evidence/ is the sha256 of that piece in case.json, and version says which version was handed over.
   Of a contract or a report the lines from the fourth on are the very text of then, for instance:
       tail -n +4 evidence/0001-contract-1.txt | sha256sum

4. The contract. contract.txt is the version that was in force when the case was opened, byte for byte as it
   was signed; who signed it and when is in signatures in case.json. Its SHA-256 is the one that was
   confirmed by signing:
       sha256sum contract.txt

5. files/ are the files on the case, log.jsonl is the log of changes (only of who may read that).

What it does not prove: one bundle alone does not prove that not all of it was made up, nor that the clock
was right. Ask the other side for theirs: of the same statement, of the same piece of evidence, digest and
sha256 have to be the same in both. What the other side may not read is not in their bundle.
' END, ref(kind('case'), c.id), slug_of(c.company_id));
END
$$;
COMMENT ON FUNCTION case_readme(case_file) IS
    'How somebody who has nothing but a case''s bundle checks it, in the language of the company whose case it is.';
GRANT EXECUTE ON FUNCTION case_readme(case_file) TO jiayi_app;
