"""Perl: the example as a service, Debian's HTTP::Daemon, and what a script finds around it."""

import unittest

from language_case import LanguageTest

SCRIPT = """
use strict; use warnings;
use Cwd; use POSIX; use Encode; use Storable qw(dclone); use Digest::SHA qw(sha256_hex);
use List::Util qw(sum); use File::Temp qw(tempfile); use Time::HiRes; use Socket; use JSON::PP;
use Words;

open my $file, '<', 'data/words.txt' or die "no file: $!";
chomp(my $words = <$file>);
print join(' ', getcwd, $words, $Words::GREETING, @ARGV), "\\n";
print join(' ', POSIX::setlocale(LC_ALL, ''), length encode('UTF-8', chr 233), lc "\\x{100}" eq "\\x{101}"), "\\n";
print substr(sha256_hex('x'), 0, 8), ' ', sum(@{dclone([1, 2, 3])}), ' ', encode_json([1]), "\\n";
print substr((tempfile())[1], 0, 5), "\\n";
socketpair(my $one, my $two, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die "no sockets: $!";
syswrite $one, "through a socket\\n";
print scalar <$two>;
print defined fork() ? 'forked' : 'no fork', "\\n";
exit 7;
"""

EXPECTED = """/app words from a file greetings one two
C.UTF-8 2 1
2d711642 6 [1]
/tmp/
through a socket
no fork
"""

DAEMON = """
use strict; use warnings;
use HTTP::Daemon; use HTTP::Status;
my $daemon = HTTP::Daemon->new(LocalAddr => '0.0.0.0', LocalPort => 8080, ReuseAddr => 1) or die;
while (my $client = $daemon->accept) {
    while (my $request = $client->get_request) {
        $client->send_response(HTTP::Response->new(200, 'OK', ['Content-Type' => 'text/plain'],
            'method ' . $request->method . ', ' . length($request->content) . " bytes\\n"));
    }
}
"""


class Perl(LanguageTest):
    def test_http_perl(self):
        self.check_example("http-perl", "perl", 0)

    def test_surroundings_of_a_script(self):
        project = self.project("surroundings", {
            "bin/run.pl": SCRIPT, "lib/Words.pm": 'package Words; our $GREETING = "greetings"; 1;\n',
            "data/words.txt": "words from a file\n",
        }, "name: app\nlanguage: perl\nbuild: {output: bin/run.pl}\n")
        self.assertEqual(self.output_of(project, "--", "one", "two", code=7), EXPECTED)

    def test_packages_of_debian_that_the_cpanfile_names(self):
        project = self.project("daemon", {
            "server.pl": DAEMON,
            "cpanfile": "requires 'perl', '5.20';\nrequires 'HTTP::Daemon', '>= 6.00';\n"
                        "requires 'No::Such::Module' => 1.5;\n"
                        "on test => sub { requires 'No::Such::Test' };\n",
        }, "name: app\nexpose: [8080]\n")
        self.refused(project, r"needs what is not here: No::Such::Module 1\.5\n")
        module = project / "local/lib/perl5/No/Such/Module.pm"
        module.parent.mkdir(parents=True)
        module.write_text("package No::Such::Module; our $VERSION = 1.6; 1;\n")
        with self.workspace.guest(self.workspace.build(project), "-p", "0:8080") as guest:
            url = f"http://localhost:{guest.port()}/"
            self.assertEqual(self.fetch(url), (200, b"method GET, 0 bytes\n"))
            self.assertEqual(self.fetch(url, b"x" * 100000), (200, b"method POST, 100000 bytes\n"))
            guest.stop()

    def test_projects_that_cannot_be_built(self):
        project = self.project("broken", {"main.pl": "use strict;\nprint $word;\n"},
                               "name: app\nlanguage: perl\n")
        self.refused(project, r'Global symbol "\$word" requires .* at main\.pl line 2')
        (project / "main.pl").unlink()
        self.refused(project, "expected a script, found none")


if __name__ == "__main__":
    unittest.main()
