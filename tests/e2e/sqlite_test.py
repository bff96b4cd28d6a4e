"""Debian's sqlite3, unmodified and dynamically linked, working on files in memory: what it prints must
be what it prints on this host, with a rollback journal and with a write-ahead log, which needs shared
mappings and locks on ranges of bytes."""

import subprocess
import unittest

from unik import Workspace

SQLITE = "/usr/bin/sqlite3"

SCRIPT = """\
PRAGMA journal_mode = @journal@;
PRAGMA cache_size = 50;
CREATE TABLE goods(id INTEGER PRIMARY KEY, name TEXT NOT NULL, price INTEGER, made REAL);
CREATE TABLE sales(id INTEGER PRIMARY KEY, goods INTEGER REFERENCES goods(id), amount INTEGER);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
INSERT INTO goods SELECT i, 'name ' || (i * 7919 % 4001), i * i % 997, i / 8.0 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
INSERT INTO sales SELECT i, i * 31 % 4000 + 1, i % 13 FROM n;
COMMIT;
CREATE INDEX by_name ON goods(name);
CREATE INDEX by_goods ON sales(goods, amount);
EXPLAIN QUERY PLAN SELECT * FROM goods WHERE name = 'name 5';
SELECT * FROM goods WHERE name IN ('name 5', 'name 1000') ORDER BY id;
SELECT count(*), sum(amount), max(price) FROM sales JOIN goods ON goods.id = sales.goods;
SELECT amount, count(*), avg(price) FROM sales JOIN goods ON goods.id = goods GROUP BY amount
 ORDER BY amount LIMIT 5;
SELECT id, sum(price) OVER (ORDER BY id ROWS 2 PRECEDING) FROM goods LIMIT 5;
BEGIN;
DELETE FROM goods WHERE id % 3 = 0;
SELECT count(*) FROM goods;
ROLLBACK;
SELECT count(*) FROM goods;
SAVEPOINT one;
UPDATE goods SET price = price + 1 WHERE id > 3000;
SAVEPOINT two;
DELETE FROM sales;
ROLLBACK TO two;
RELEASE one;
SELECT sum(price) FROM goods;
INSERT INTO goods VALUES(1, 'twice', 0, 0);
CREATE VIRTUAL TABLE words USING fts5(text);
INSERT INTO words SELECT name || ' and ' || price FROM goods WHERE id < 500;
SELECT count(*) FROM words WHERE words MATCH 'and';
SELECT json_group_array(price) FROM (SELECT price FROM goods LIMIT 4);
.connection 1
.open @folder@/base.db
SELECT count(*) FROM sales;
BEGIN IMMEDIATE;
.connection 0
BEGIN IMMEDIATE;
.connection 1
INSERT INTO sales VALUES(100000, 1, 5);
COMMIT;
.connection 0
SELECT max(id) FROM sales;
PRAGMA wal_checkpoint(TRUNCATE);
.mode csv
.headers on
.once @folder@/goods.csv
SELECT * FROM goods;
.import @folder@/goods.csv again
.mode list
.headers off
SELECT count(*), length(readfile('@folder@/goods.csv')) FROM again;
DROP TABLE again;
VACUUM;
VACUUM INTO '@folder@/copy.db';
ATTACH '@folder@/copy.db' AS copy;
SELECT count(*) FROM (SELECT * FROM goods EXCEPT SELECT * FROM copy.goods);
PRAGMA integrity_check;
.sha3sum
"""


def errors_of(done):
    return [line for line in done.stderr.splitlines() if "error" in line]


class Sqlite(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("sqlite")
        cls.scripts = {journal: SCRIPT.replace("@journal@", journal)
                       for journal in ("delete", "wal", "memory")}
        project = cls.workspace.binary_project(
            SQLITE, name="sqlite3", files='[{from: scripts, to: /scripts}]')
        (project / "scripts").mkdir()
        for journal, script in cls.scripts.items():
            (project / "scripts" / f"{journal}.sql").write_text(
                script.replace("@folder@", "/tmp"))
        cls.bundle = cls.workspace.build(project)

    @classmethod
    def tearDownClass(cls):
        with cls.workspace:
            pass

    def compare(self, journal):
        folder = self.workspace.path / journal
        folder.mkdir()
        script = folder / f"{journal}.sql"
        script.write_text(self.scripts[journal].replace("@folder@", str(folder)))
        host = subprocess.run([SQLITE, folder / "base.db", f".read {script}"],
                              capture_output=True, text=True, timeout=120)
        guest = self.workspace.unik("run", "-q", "--timeout", "150", self.bundle, "--",
                                    "/tmp/base.db", f".read /scripts/{journal}.sql", deadline=200)
        self.assertIn("ok\n", host.stdout)
        self.assertIn("UNIQUE constraint failed: goods.id", host.stderr)
        self.assertIn("database is locked", host.stderr)
        self.assertEqual(guest.stdout, host.stdout, guest.stderr)
        self.assertEqual(guest.returncode, host.returncode)
        self.assertEqual(errors_of(guest), errors_of(host))

    def test_a_rollback_journal(self):
        self.compare("delete")

    def test_a_write_ahead_log(self):
        self.compare("wal")

    def test_a_journal_in_memory(self):
        self.compare("memory")


if __name__ == "__main__":
    unittest.main()
