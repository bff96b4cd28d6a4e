#include "fake_hypervisor.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <bundle/bundle.hpp>

#include "../results.hpp"

namespace unik::machine::test {
namespace {

// --- the pretended hypervisor ---

class Guest {
public:
    explicit Guest(const std::vector<std::string>& arguments) : arguments_(arguments) {}

    void connect() {
        for (const std::string& argument : arguments_) {
            if (!argument.starts_with("socket,id="))
                continue;
            const std::size_t comma = argument.find(',', 10);
            ports_[argument.substr(10, comma - 10)] = connect_to(argument.substr(comma + 6));
        }
    }
    void output(std::string_view bytes) { put("output", bytes); }
    void error(std::string_view bytes) { put("error", bytes); }
    void control(std::string_view bytes) { put("control", bytes); }
    // Up to a line end from the host.
    std::string line(const std::string& port) {
        std::string out;
        for (char c = 0; ::read(ports_.at(port), &c, 1) == 1 && c != '\n';)
            out += c;
        return out;
    }
    int byte(const std::string& port) {
        char c = 0;
        return ::read(ports_.at(port), &c, 1) == 1 ? c : -1;
    }
    std::string configuration() const {
        for (const std::string& argument : arguments_) {
            const std::size_t at = argument.find(",file=");
            if (argument.starts_with("name=opt/org.unik/configuration") &&
                at != std::string::npos) {
                std::ifstream file(argument.substr(at + 6), std::ios::binary);
                return {std::istreambuf_iterator<char>(file), {}};
            }
        }
        return {};
    }

private:
    static int connect_to(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
        if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            ::_exit(99);
        return socket;
    }
    void put(const std::string& port, std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::write(ports_.at(port), bytes.data(), bytes.size());
            if (count <= 0)
                ::_exit(98);
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    const std::vector<std::string>& arguments_;
    std::map<std::string, int> ports_;
};

[[noreturn]] void hang() {
    for (;;)
        ::pause();
}

int exits(Guest& guest) {
    guest.connect();
    guest.output("hello\n");
    guest.error("oops\n");
    guest.control("{\"event\":\"listen\",\"protocol\":\"tcp\",\"address\":\"0.0.0.0\","
                  "\"port\":8080,\"host_port\":666}\n");
    guest.control("{\"event\":\"exit\",\"code\":42}\n");
    return 85;
}

int lies_about_ports(Guest& guest) {
    guest.connect();
    guest.control("{\"event\":\"listen\",\"protocol\":\"tcp\",\"address\":\"127.0.0.1\","
                  "\"port\":8080}\n{\"event\":\"exit\",\"code\":0}");
    guest.control("\n");
    return 1;
}

int hangs(Guest& guest) {
    guest.connect();
    guest.control("{\"event\":\"pid\",\"pid\":" + std::to_string(::getpid()) + "}\n");
    hang();
}

int stops_when_asked(Guest& guest) {
    guest.connect();
    guest.control("{\"event\":\"pid\"}\n");
    while (guest.line("control") != "stop") {}
    guest.output("bye\n");
    guest.control("{\"event\":\"signal\",\"signal\":15,\"name\":\"SIGTERM\"}\n"
                  "{\"event\":\"exit\",\"code\":143}\n");
    return 1;
}

// Says so when the request is no longer fresh.
int stops_unwillingly(Guest& guest) {
    guest.connect();
    guest.control("{\"event\":\"pid\"}\n");
    while (guest.line("control") != "stop") {}
    ::usleep(600'000);
    guest.control("{\"event\":\"later\"}\n");
    hang();
}

int panics(Guest& guest) {
    guest.connect();
    guest.control("{\"event\":\"panic\",\"message\":\"out of frames\"}\n");
    return 1;
}

int panics_and_hangs(Guest& guest) {
    guest.connect();
    guest.control("{\"event\":\"panic\",\"message\":\"out of frames\"}\n");
    hang();
}

int faults(Guest& guest) {
    guest.connect();
    guest.control("{\"event\":\"signal\",\"signal\":11,\"name\":\"SIGSEGV\"}\n"
                  "{\"event\":\"exit\",\"code\":139}\n");
    return 1;
}

int sends_garbage(Guest& guest) {
    guest.connect();
    guest.control(std::string("\0\xff\x1b[2J\n\n\r\n", 11));
    guest.control(std::string(1 << 20, 'x') + "\n");
    guest.control(std::string(10000, '[') + "\n");
    guest.control("[]\n{}\n{\"event\":7}\nnull\n{\"event\":\"exit\"\n");
    guest.control("{\"event\":\"warning\",\"message\":\"\\u001b[31mred\\u0007\\u0085\\u202e\"}\n");
    guest.control("{\"event\":\"exit\",\"code\":3}\n");
    return 1;
}

int fails_to_start(Guest&) {
    std::fprintf(stderr, "qemu: no such machine \x1b[31m'fake'\n");
    return 1;
}

int finds_the_port_taken(Guest& guest) {
    const char* marker = std::getenv("UNIK_FAKE_MARKER");
    if (!std::filesystem::exists(marker)) {
        std::ofstream(marker) << "tried";
        std::fprintf(stderr, "qemu: Could not set up host forwarding rule 'tcp:1-:2'\n");
        return 1;
    }
    return exits(guest);
}

int resets(Guest& guest) {
    guest.connect();
    guest.output("booting\n");
    return 0;
}

int echoes(Guest& guest) {
    guest.connect();
    guest.control("{\"event\":\"boot\"}\n");
    guest.output("got " + guest.line("output") + "\n");
    guest.output("then " + std::to_string(guest.byte("output")) + "\n");
    guest.control("{\"event\":\"exit\",\"code\":0}\n");
    return 1;
}

int shows_its_configuration(Guest& guest) {
    guest.connect();
    guest.output(guest.configuration());
    guest.control("{\"event\":\"exit\",\"code\":0}\n");
    return 1;
}

int writes_much(Guest& guest) {
    guest.connect();
    for (int i = 0; i < 256; ++i)
        guest.output(std::string(16384, 'a'));
    guest.control("{\"event\":\"exit\",\"code\":0}\n");
    return 1;
}

struct Behaviour {
    const char* name;
    int (*act)(Guest& guest);
};
constexpr Behaviour k_behaviours[] = {
    {"exits", exits},
    {"lies-about-ports", lies_about_ports},
    {"hangs", hangs},
    {"stops-when-asked", stops_when_asked},
    {"stops-unwillingly", stops_unwillingly},
    {"panics", panics},
    {"panics-and-hangs", panics_and_hangs},
    {"faults", faults},
    {"sends-garbage", sends_garbage},
    {"fails-to-start", fails_to_start},
    {"finds-the-port-taken", finds_the_port_taken},
    {"resets", resets},
    {"echoes", echoes},
    {"shows-its-configuration", shows_its_configuration},
    {"writes-much", writes_much},
};

// Before main: in the test program proper the variable is not set yet.
[[gnu::constructor]] void become_the_hypervisor(int argc, char** argv) {
    const char* name = std::getenv("UNIK_FAKE_GUEST");
    if (name == nullptr)
        return;
    const std::vector<std::string> arguments(argv, argv + argc);
    Guest guest(arguments);
    for (const Behaviour& behaviour : k_behaviours) {
        if (std::strcmp(behaviour.name, name) == 0)
            ::_exit(behaviour.act(guest));
    }
    ::_exit(97);
}

// --- the test's side ---

void write_bundle(const std::filesystem::path& path) {
    auto writer = must(bundle::BundleWriter::create(path));
    for (const char* name : {"kernel.elf", "kernel.debug", "disk-fake.raw"})
        REQUIRE(write_file(writer.staging() / name, std::string_view("x")).ok());
    REQUIRE(writer
                .commit({{"schema", 1},
                         {"name", "web"},
                         {"version", ""},
                         {"language", "c"},
                         {"memory", 64 << 20},
                         {"cpus", 1},
                         {"expose", nlohmann::json::array()},
                         {"disks", {{"fake:raw", "disk-fake.raw"}}}})
                .ok());
}

} // namespace

FakeRun::FakeRun(const std::string& guest)
    : folder(must(TemporaryDirectory::create("unik-machine-test-"))) {
    std::filesystem::create_directory(folder.path() / "run");
    write_bundle(folder.path() / "web.unik");
    ::setenv("UNIK_QEMU", std::filesystem::read_symlink("/proc/self/exe").c_str(), 1);
    ::setenv("UNIK_FAKE_GUEST", guest.c_str(), 1);
    ::setenv("UNIK_FAKE_MARKER", (folder.path() / "marker").c_str(), 1);
    ::setenv("XDG_RUNTIME_DIR", (folder.path() / "run").c_str(), 1);
    options.bundle = folder.path() / "web.unik";
    options.accelerator = Accelerator::tcg;
    options.memory = Bytes{16 << 20};
    options.input = Input::none;
    target.name = "fake";
    target.images = {"raw"};
    machine.qemu = {{"any", {"-machine", "fake"}}};
    firmware.qemu = {{"any", {"-kernel", "${KERNEL}"}}};
    controller.qemu = {{"any", {"-device", "fake-disk,drive=disk0"}}};
    card.qemu = {{"any", {"-device", "fake-net,netdev=net0"}}};
    options.setup = {&firmware, &machine, &controller, &card, {}};
}

FakeRun::~FakeRun() {
    for (const char* name : {"UNIK_QEMU", "UNIK_FAKE_GUEST", "UNIK_FAKE_MARKER", "XDG_RUNTIME_DIR"})
        ::unsetenv(name);
}

Outcome FakeRun::run() {
    const Listener listener{[this](std::string_view bytes) { output += bytes; },
                            [this](std::string_view bytes) { errors += bytes; },
                            [this](const nlohmann::json& event) {
                                events.push_back(event);
                                if (on_event)
                                    on_event(event);
                            }};
    return must(machine::run(options, target, listener));
}

const nlohmann::json* FakeRun::event(const std::string& name) const {
    for (const nlohmann::json& event : events) {
        if (event["event"] == name)
            return &event;
    }
    return nullptr;
}

bool FakeRun::folder_is_empty() const {
    return std::filesystem::is_empty(folder.path() / "run");
}

} // namespace unik::machine::test
