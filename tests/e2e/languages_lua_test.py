"""Lua: the example as a service with Debian's LuaSocket, and what a script finds around it."""

import unittest

from language_case import LanguageTest

SCRIPT = """
local words = require("lib.words")
local socket = require("socket")
local file <close> = assert(io.open("data/words.txt"))
print(words.greeting, file:read("l"), table.concat(arg, ","), math.type(1 // 1))
local name = os.tmpname()
assert(io.open(name, "w")):close()
print(name:match("^/tmp/"), type(socket.gettime()), #utf8.char(233), os.getenv("COLOUR"))
print(select("#", coroutine.wrap(function() coroutine.yield(1, 2, 3) end)()))
os.exit(9)
"""


class Lua(LanguageTest):
    def test_http_lua(self):
        self.check_example("http-lua", "lua", 143)

    def test_surroundings_of_a_script(self):
        project = self.project("surroundings", {
            "bin/run.lua": SCRIPT, "lib/words.lua": 'return { greeting = "greetings" }\n',
            "data/words.txt": "words from a file\n",
        }, "name: app\nlanguage: lua\nbuild: {output: bin/run.lua}\nenv: {COLOUR: red}\n")
        self.assertEqual(self.output_of(project, "--", "one", "two", code=9),
                         "greetings\twords from a file\tone,two\tinteger\n"
                         "/tmp/\tnumber\t2\tred\n3\n")

    def test_projects_that_cannot_be_built(self):
        project = self.project("broken", {"main.lua": "print(1)\nprint(\n"},
                               "name: app\nlanguage: lua\n")
        self.refused(project, r"main\.lua:3: unexpected symbol near <eof>")
        (project / "main.lua").unlink()
        self.refused(project, "expected a script, found none")


if __name__ == "__main__":
    unittest.main()
