"""PHP: a site behind its own web server, a script, and Composer's packages by their lock file."""

import json
import os
import unittest
from pathlib import Path

from language_case import LanguageTest

SCRIPT = """<?php
require 'lib/words.php';
echo getcwd(), ' ', GREETING, ' ', implode(',', array_slice($argv, 1)), "\\n";
echo (new DateTime('2024-07-01', new DateTimeZone('Europe/Paris')))->format('c'), "\\n";
echo json_encode(['hash' => strlen(hash('sha256', 'x')), 'utf' => mb_check_encoding('\\u{e9}')]), "\\n";
$sockets = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
fwrite($sockets[0], "through a socket\\n");
echo fgets($sockets[1]);
file_put_contents('/tmp/a.txt', 'kept');
echo file_get_contents('/tmp/a.txt'), ' ', count(openssl_get_cert_locations()) > 0 ? 'tls' : '', "\\n";
exit(3);
"""

# What Composer is asked for, and what it leaves: it has no registry to ask here.
COMPOSER = """#!/bin/sh
set -e
[ "$1 $4" != "config autoloader-suffix" ] || exit 0
[ "$1 $2" = "install --working-dir" ]
cd "$3"
grep -q '"content-hash": "abc"' composer.lock
echo "Installing dependencies from lock file"
mkdir vendor
echo '<?php const GREETING = "hello from a package";' > vendor/autoload.php
"""


class Php(LanguageTest):
    def test_http_php(self):
        self.check_example("http-php", "php", 143)

    def test_script_of_its_own(self):
        # mbstring is a package of its own in Debian.
        script = SCRIPT.replace(", 'utf' => mb_check_encoding('\\u{e9}')", "")
        project = self.project("script", {
            "jobs/run.php": script, "lib/words.php": "<?php const GREETING = 'greetings';\n",
        }, "name: app\nlanguage: php\nbuild: {output: jobs/run.php}\n")
        self.assertEqual(
            self.output_of(project, "--", "one", "two", code=3),
            "/app greetings one,two\n2024-07-01T00:00:00+02:00\n"
            '{"hash":64}\nthrough a socket\nkept tls\n')

    def test_packages_of_composer(self):
        tools = self.workspace.path / "tools"
        tools.mkdir()
        for folder in os.environ["PATH"].split(":"):
            for program in Path(folder).glob("*"):
                if program.name != "composer" and not (tools / program.name).is_symlink():
                    (tools / program.name).symlink_to(program)
        environment = {"PATH": str(tools)}
        project = self.project("packages", {
            "main.php": "<?php require 'vendor/autoload.php'; echo GREETING, \"\\n\";\n",
            "composer.json": json.dumps({"require": {"php": ">=8", "house/greet": "^1"}}),
            "vendor/autoload.php": "<?php const GREETING = 'from another day';\n",
        }, "name: app\nlanguage: php\n")
        self.refused(project, "composer.lock, which pins the packages .* is missing", environment)
        (project / "composer.lock").write_text('{"content-hash": "abc", "packages": []}\n')
        self.refused(project, "on Debian: apt-get install composer", environment)
        (tools / "composer").write_text(COMPOSER)
        (tools / "composer").chmod(0o755)
        self.assertEqual(self.output_of(project, environment=environment), "hello from a package\n")

    def test_projects_that_cannot_be_built(self):
        project = self.project("broken", {"main.php": "<?php\necho 'one'\necho 'two';\n"},
                               "name: app\nlanguage: php\n")
        self.refused(project, "unexpected token .* in main.php on line 3")
        (project / "main.php").unlink()
        self.refused(project, "expected an index.php or a script, found none")


if __name__ == "__main__":
    unittest.main()
