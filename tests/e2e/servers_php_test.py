"""PHP's own server from Debian, as curl sees it, and under a mixed load: one thread, one request at a
time."""

import gzip
import json
import subprocess
import unittest
import zlib

import mixed_load
import server_case
import tap_guest

PAGE = """\
<?php
header("Content-Type: application/json");
echo json_encode(["version" => PHP_VERSION, "os" => PHP_OS, "method" => $_SERVER["REQUEST_METHOD"],
    "query" => $_GET, "hash" => hash("sha256", "text"), "match" => preg_match('/^a+$/', "aaa"),
    "random" => strlen(random_bytes(16)), "extensions" => count(get_loaded_extensions())]);
"""
SUM = """\
<?php
$input = fopen("php://input", "rb");
$sum = hash_init("adler32");
echo hash_update_stream($sum, $input), " ", hexdec(hash_final($sum)), "\\n";
"""
FILES = """\
<?php
session_save_path("/tmp");
session_id("testing");
session_start();
$_SESSION["count"] = ($_SESSION["count"] ?? 0) + 1;
$name = tempnam("/tmp", "php");
file_put_contents($name, str_repeat("x", 100000), LOCK_EX);
echo $_SESSION["count"], " ", filesize($name), " ", unlink($name) ? "gone" : "", "\\n";
foreach (scandir("/srv/www") as $entry) echo $entry, "\\n";
"""
PACKED = '<?php ob_start("ob_gzhandler"); echo str_repeat("text ", 50000);'
BIG = server_case.pattern(64 << 20)


def fill(folder):
    for name, text in {"index.php": PAGE, "sum.php": SUM, "files.php": FILES,
                       "packed.php": PACKED, "small.txt": "small\n"}.items():  # fmt: skip
        (folder / name).write_text(text)
    (folder / "big.bin").write_bytes(BIG)


class Php(server_case.ServerCase):
    name, program, port = "php", "/usr/bin/php8.2", 8080
    arguments = ["-d", "post_max_size=100M", "-d", "memory_limit=256M", "-q",
                 "-S", "0.0.0.0:8080", "-t", "/srv/www"]  # fmt: skip
    trees = {"/srv/www": fill}
    keys = {"security": {"allow": ["jit"]}}  # PCRE's
    memory = "512M"

    def curl(self, path, *options):
        done = subprocess.run(["curl", "-sS", "--max-time", "100", *options,
                               f"http://{tap_guest.GUEST}:{self.port}{path}"],
                              capture_output=True, timeout=120)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_what_curl_sees(self):
        with self.start() as guest:
            seen = json.loads(self.curl("/?one=two"))
            self.assertTrue(seen["version"].startswith("8.2"), seen)
            self.assertEqual((seen["os"], seen["method"], seen["query"]),
                             ("Linux", "GET", {"one": "two"}))
            self.assertEqual((seen["match"], seen["random"]), (1, 16))
            for count in (1, 2):
                lines = self.curl("/files.php").decode().splitlines()
                self.assertEqual(lines[0], f"{count} 100000 gone")
                self.assertIn("files.php", lines)
            self.assertEqual(gzip.decompress(self.curl("/packed.php", "-H", "Accept-Encoding: gzip")),
                             b"text " * 50000)
            self.assertEqual(self.curl("/big.bin"), BIG)
            self.assertEqual(self.curl("/sum.php", "-d", "a body"),
                             f"6 {zlib.adler32(b'a body')}\n".encode())
            self.assertIn(b"404", self.curl("/none.txt", "-w", "%{http_code}"))
            guest.check_healthy()

    def test_a_mixed_load(self):
        expected = f"{len(BIG)} {zlib.adler32(BIG)}\n".encode()
        self.load(mixed_load.Http(self.address, small="/small.txt", big=("/big.bin", BIG), upload=(
            "/sum.php", BIG, lambda answer: answer == expected), most_requests=1))  # fmt: skip


if __name__ == "__main__":
    tap_guest.inside(unittest.main)
