"""Ruby: the example as a service, what a program finds around it, and gems by Gemfile.lock."""

import subprocess
import unittest

from language_case import LanguageTest

SCRIPT = """
require "json"
require "openssl"
require "socket"
require "tempfile"
require "words"
require_relative "more"

puts [Dir.pwd, File.read("data/words.txt").chomp, GREETING, MORE, ARGV.join(",")].join(" ")
puts [Encoding.default_external, "\\u00e9".bytes.size, JSON.generate([1, nil])].join(" ")
puts OpenSSL::Digest::SHA256.hexdigest("x")[0, 8]
puts Tempfile.create("x") { |file| file.path[0, 5] }
queue = Queue.new
3.times.map { |i| Thread.new { queue << i * i } }.each(&:join)
puts 3.times.map { queue.pop }.sort.join(",")
puts Fiber.new { Fiber.yield 1; 2 }.then { |fiber| [fiber.resume, fiber.resume] }.inspect
one, two = UNIXSocket.pair
one.puts "through a socket"
puts two.gets
begin
  fork { }
rescue NotImplementedError, SystemCallError
  puts "no fork"
end
exit 7
"""

EXPECTED = """/app words from a file greetings more one,two
UTF-8 2 [1,null]
2d711642
/tmp/
0,1,4
[1, 2]
through a socket
no fork
"""

LOCK = """GEM
  remote: https://rubygems.org/
  specs:
    greet (1.2)
    word (2.1)

PLATFORMS
  ruby
  x86_64-linux

DEPENDENCIES
  greet (~> 1.0)
  word

BUNDLED WITH
   2.3.15
"""


class Ruby(LanguageTest):
    def test_http_ruby(self):
        self.check_example("http-ruby", "ruby", 0)

    def test_surroundings_of_a_script(self):
        project = self.project("surroundings", {
            "bin/run.rb": SCRIPT, "bin/more.rb": 'MORE = "more"\n',
            "lib/words.rb": 'GREETING = "greetings"\n', "data/words.txt": "words from a file\n",
        }, "name: app\nlanguage: ruby\nbuild: {output: bin/run.rb}\n")
        self.assertEqual(self.output_of(project, "--", "one", "two", code=7), EXPECTED)

    def gem(self, name, version, text):
        folder = self.project(f"gem-{name}", {
            f"lib/{name}.rb": text, f"exe/{name}": 'puts "a program", $0\n',
            f"{name}.gemspec": f'Gem::Specification.new {{ |s| s.name = "{name}"; s.version = '
                               f'"{version}"; s.summary = s.name; s.authors = ["a"]; '
                               f's.bindir = "exe"; s.executables = [s.name]; '
                               f's.files = ["lib/{name}.rb", "exe/{name}"] }}\n',
        })
        subprocess.run(["gem", "build", "--quiet", f"{name}.gemspec"], cwd=folder, check=True,
                       capture_output=True)
        return folder / f"{name}-{version}.gem"

    def test_gems_of_the_lock_file(self):
        project = self.project("gems", {
            "main.rb": 'require "bundler/setup"\nrequire "greet"\nputs WORD, $".grep(/greet/)\n',
            "Gemfile": 'source "https://rubygems.org"\ngem "greet", "~> 1.0"\ngem "word"\n',
        }, "name: app\n")
        cache = project / "vendor/cache"
        cache.mkdir(parents=True)
        for gem in (self.gem("greet", "1.2", 'require "word"\n'),
                    self.gem("word", "2.1", 'WORD = "hello"\n'),
                    self.gem("word", "2.2", 'WORD = "not locked"\n')):
            gem.rename(cache / gem.name)
        self.refused(project, "Gemfile.lock, which pins the gems .* is missing")
        (project / "Gemfile.lock").write_text(LOCK)
        self.assertRegex(self.output_of(project),
                         r"^hello\n/bundle/ruby/[\d.]+/gems/greet-1\.2/lib/greet\.rb\n$")
        (project / "Unikfile").write_text("name: app\nbuild: {output: word}\n")
        self.assertRegex(self.output_of(project),
                         r"^a program\n/bundle/ruby/[\d.]+/gems/word-2\.1/exe/word\n$")
        (project / "Gemfile").write_text((project / "Gemfile").read_text() + 'gem "other"\n')
        self.refused(project, "(?s)Gemfile|lock")

    def test_projects_that_cannot_be_built(self):
        project = self.project("broken", {"main.rb": "puts 1\nputs(\n"},
                               "name: app\nlanguage: ruby\n")
        self.refused(project, "main.rb:2: syntax error")
        (project / "main.rb").unlink()
        self.refused(project, "expected a script, found none")


if __name__ == "__main__":
    unittest.main()
