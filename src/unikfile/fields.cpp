#include <unikfile/fields.hpp>

#include <unikfile/values.hpp>

namespace unik::unikfile {
namespace {

void refer(YamlReader& reader, const YamlNode& node, Reference::Kind kind, Manifest& manifest) {
    if (node.kind == YamlNode::Kind::scalar)
        manifest.references.push_back({kind, node.scalar, reader.span(node)});
    for (const YamlNode& element : node.sequence)
        refer(reader, element, kind, manifest);
}

void read_output(YamlReader& reader, const YamlNode& node, BuildStep& build) {
    const bool of_host = node.kind == YamlNode::Kind::scalar && node.scalar.starts_with('/');
    const auto path = of_host ? read_image_path(reader, node) : read_project_path(reader, node);
    if (path == "." || path == "/")
        reader.report(node, "bad-path", "expected the path of an executable, found a folder",
                      "name the file that the build makes");
    else if (path)
        build.output = *path;
}

void read_build_environment(YamlReader& reader, const YamlNode& node, BuildStep& build) {
    for (auto& [name, value] : read_variables(reader, node))
        build.environment[name] = std::move(value);
}

void read_entrypoint(YamlReader& reader, const YamlNode& node, Manifest& manifest) {
    const auto path = read_image_path(reader, node);
    if (!path)
        return;
    if (*path == "/" || node.scalar.ends_with('/'))
        reader.report(node, "bad-path", "expected the path of a program, found a folder",
                      "write it as /bin/NAME");
    else
        manifest.entrypoint = *path;
}

// A trailing slash is kept: it asks for the source's own name inside that folder.
void read_destination(YamlReader& reader, const YamlNode& node, FileEntry& entry) {
    auto path = read_image_path(reader, node);
    if (!path)
        return;
    entry.to = std::move(*path);
    if (entry.to != "/" && node.scalar.ends_with('/'))
        entry.to += '/';
}

void read_files(YamlReader& reader, const YamlNode& node, Manifest& manifest) {
    constexpr const char* k_form = "write it as '- {from: page.html, to: /srv/page.html}'";
    if (node.kind != YamlNode::Kind::sequence) {
        reader.report_type(node, "a list of files", k_form);
        return;
    }
    for (const YamlNode& element : node.sequence) {
        if (element.kind != YamlNode::Kind::mapping) {
            reader.report_type(element, "a mapping with 'from' and 'to'", k_form);
            continue;
        }
        FileEntry entry;
        reader.read_fields(element, file_fields(), entry);
        if (const YamlNode* from = element.find("from"))
            entry.where = reader.span(*from);
        manifest.files.push_back(std::move(entry));
    }
}

void read_targets(YamlReader& reader, const YamlNode& node, Manifest& manifest) {
    const bool empty = node.kind == YamlNode::Kind::sequence && node.sequence.empty();
    auto targets = read_references(reader, node, Qualified::yes);
    if (empty)
        reader.report(node, "wrong-type", "expected at least one target, found an empty list",
                      "leave the key out for 'qemu'");
    else if (!targets.empty())
        manifest.targets = std::move(targets);
    refer(reader, node, Reference::Kind::target, manifest);
}

constexpr YamlField<BuildStep> k_build_fields[] = {
    {{.key = "command",
      .type = "shell command",
      .description = "Run by 'sh -c' in the project's folder instead of the language's recipe. CC, "
                     "CXX and the like are set for the language.",
      .example = "make -C src server"},
     [](YamlReader& reader, const YamlNode& node, BuildStep& build) {
         if (auto command = read_command(reader, node))
             build.command = std::move(*command);
     }},
    {{.key = "output",
      .type = "path in the project",
      .description = "The executable that the build makes. Without it, the recipe knows it, or the "
                     "only executable with the image's name is taken. Where nothing is built "
                     "(language 'binary'), an absolute path names a program of this machine. In a "
                     "language with an interpreter: the script (Python: or module; Java: or "
                     "class) that is run.",
      .example = "src/server"},
     read_output},
    {{.key = "runtime",
      .type = "path of a runtime",
      .fallback = "the one in $PATH",
      .description = "The interpreter or virtual machine to take instead of the host's: the "
                     "executable, or the folder whose bin/ holds it; absolute, or relative to the "
                     "project's folder.",
      .example = "/opt/node-22"},
     text_into<&BuildStep::runtime>},
    {{.key = "env",
      .type = "variables",
      .description = "Environment of the build, over that of the language and of the host.",
      .example = "{CFLAGS: -O3}"},
     read_build_environment},
};

constexpr YamlField<FileEntry> k_file_fields[] = {
    {{.key = "from",
      .type = "path in the project",
      .presence = Presence::required,
      .description = "A file, or a folder with all that it holds, except what .unikignore names. "
                     "A name with '*', '?' or '[' that no file has is a pattern ('**' goes through "
                     "folders): files and folders that it matches are put below 'to' under their "
                     "path from the first folder on that the pattern does not spell out.",
      .example = "public"},
     [](YamlReader& reader, const YamlNode& node, FileEntry& entry) {
         entry.from = read_project_path(reader, node).value_or("");
     }},
    {{.key = "to",
      .type = "path in the image",
      .presence = Presence::required,
      .description = "Where it stands in the image. With a trailing slash, a file keeps its own "
                     "name inside that folder.",
      .example = "/srv/www"},
     read_destination},
    {{.key = "mode",
      .type = "file mode",
      .fallback = "0755 for what its owner may execute, else 0644",
      .description = "Permission bits, in octal, of the file or of each file in the folder.",
      .example = "\"0600\""},
     [](YamlReader& reader, const YamlNode& node, FileEntry& entry) {
         entry.mode = read_mode(reader, node);
     }},
};

constexpr YamlField<Manifest> k_component_fields[] = {
    {{.key = "add",
      .type = "list of names",
      .description = "Components that the image gets although nothing was found to need them.",
      .example = "[random]"},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         manifest.components_added = read_references(reader, node);
         refer(reader, node, Reference::Kind::component, manifest);
     }},
    {{.key = "remove",
      .type = "list of names",
      .description = "Components that the image must not have. What still needs one is an error "
                     "that names the chain.",
      .example = "[net-core]"},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         manifest.components_removed = read_references(reader, node);
         refer(reader, node, Reference::Kind::component, manifest);
     }},
};

constexpr YamlField<Resources> k_resource_fields[] = {
    {{.key = "memory",
      .type = "size",
      .fallback = "128M",
      .description = "Memory that 'unik run' gives the machine. Units are powers of 1024.",
      .example = "64M"},
     [](YamlReader& reader, const YamlNode& node, Resources& resources) {
         resources.memory = read_size(reader, node).value_or(resources.memory);
     }},
    {{.key = "cpus",
      .type = "number of CPUs",
      .fallback = "1",
      .description = "Processors that 'unik run' gives the machine, from 1 to 64.",
      .example = "1"},
     [](YamlReader& reader, const YamlNode& node, Resources& resources) {
         resources.cpus = static_cast<unsigned>(reader.integer(node, 1, k_most_cpus).value_or(1));
     }},
    {{.key = "esp",
      .type = "size",
      .fallback = "as small as the kernel allows",
      .description = "The disk's EFI system partition, which holds the kernel; for room that "
                     "others need in it. What is free in it takes no space in the image's file.",
      .example = "64M"},
     [](YamlReader& reader, const YamlNode& node, Resources& resources) {
         resources.esp = read_size(reader, node).value_or(resources.esp);
     }},
};

template <auto member>
void source_into(YamlReader& reader, const YamlNode& node, yaml_detail::OwnerOf<member>& out) {
    out.*member = read_secret_source(reader, node).value_or("");
}

constexpr YamlField<SecureBoot> k_secure_boot_fields[] = {
    {{.key = "key",
      .type = "path or variable",
      .presence = Presence::required,
      .description = "The RSA key in PEM, a file or env:NAME.",
      .example = "keys/db.key"},
     source_into<&SecureBoot::key>},
    {{.key = "certificate",
      .type = "path or variable",
      .presence = Presence::required,
      .description = "The key's certificate in PEM, which the firmware's db holds.",
      .example = "keys/db.crt"},
     source_into<&SecureBoot::certificate>},
};

constexpr YamlField<Signing> k_sign_fields[] = {
    {{.key = "key",
      .type = "path or variable",
      .description = "The secret key that signs the bundle as the last step of a build: a file, "
                     "relative to the project's folder, or env:NAME for a variable that holds its "
                     "content. 'unik keygen' makes one; 'unik build --sign-key' replaces it.",
      .example = "env:SIGN_KEY"},
     source_into<&Signing::key>},
    {{.key = "secure_boot",
      .type = "mapping",
      .description = "Signs the kernel for UEFI Secure Boot. 'unik secure-boot-keys' makes what is "
                     "needed."},
     [](YamlReader& reader, const YamlNode& node, Signing& signing) {
         reader.read_fields(node, secure_boot_fields(), signing.secure_boot);
     }},
};

constexpr YamlField<Manifest> k_manifest_fields[] = {
    {{.key = "name",
      .type = "image name",
      .presence = Presence::required,
      .description = "Name of the image, of its bundle and of its program. At most 63 lower-case "
                     "letters, digits, '.', '_' and '-'.",
      .example = "hello"},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         manifest.name = read_image_name(reader, node).value_or("");
     }},
    {{.key = "version",
      .type = "version",
      .description = "Version of the application; it travels in the image and changes nothing "
                     "else.",
      .example = "1.0.0"},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         manifest.version = read_version(reader, node).value_or("");
     }},
    {{.key = "base",
      .type = "base",
      .fallback = "library-os",
      .description = "The operating system under the program. This version has library-os.",
      .example = "library-os"},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         manifest.base = read_base(reader, node).value_or(manifest.base);
     }},
    {{.key = "language",
      .type = "name",
      .fallback = "detected from the project's files",
      .description = "How the project is built: one of those that 'unik languages' lists.",
      .example = "c"},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         manifest.language = read_reference(reader, node).value_or("");
         refer(reader, node, Reference::Kind::language, manifest);
     }},
    {{.key = "build",
      .type = "mapping",
      .description = "How the executable is made, where the language's recipe does not do it."},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         reader.read_fields(node, build_fields(), manifest.build);
     }},
    {{.key = "entrypoint",
      .type = "path in the image",
      .fallback = "/bin/NAME",
      .description = "Where the executable stands in the image; also its argv[0].",
      .example = "/bin/hello"},
     read_entrypoint},
    {{.key = "args",
      .type = "list of arguments",
      .description = "Arguments of the program, without its own name. 'unik run -- ARGS' replaces "
                     "them.",
      .example = "[--port, 8080]"},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         manifest.args = read_arguments(reader, node);
     }},
    {{.key = "env",
      .type = "variables",
      .description = "Environment of the program. Nothing is taken from the host; "
                     "'unik run -e NAME=VALUE' adds to it.",
      .example = "{LOG_LEVEL: info}"},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         manifest.environment = read_variables(reader, node);
     }},
    {{.key = "files",
      .type = "list of files",
      .description = "Files and folders of the project that go into the image. Symbolic links stay "
                     "links; one that leaves the project is refused."},
     read_files},
    {{.key = "root",
      .type = "form of the root",
      .fallback = "auto",
      .description = "Where the image's files lie. embedded: in the kernel, and so in memory as a "
                     "whole. disk: in a partition of their own, read on demand and checked against "
                     "a digest that the kernel carries. auto: embedded up to 16 MiB, else disk.",
      .example = "disk"},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         manifest.root = read_root_form(reader, node).value_or(manifest.root);
     }},
    {{.key = "tmpfs",
      .type = "sizes by path",
      .description = "Folders that are writable, in memory: path and the most that each may hold. "
                     "Everything else can only be read, except /tmp, /run and /dev/shm, which are "
                     "writable anyway and can be given a size here.",
      .example = "{/var/cache: 64M}"},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         manifest.tmpfs = read_memory_folders(reader, node);
     }},
    {{.key = "expose",
      .type = "list of ports",
      .description = "Ports on which the program listens. 'unik run -p' connects them to the "
                     "host.",
      .example = "[8080, \"53/udp\"]"},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         manifest.expose = read_ports(reader, node);
     }},
    {{.key = "components",
      .type = "mapping",
      .description = "Corrections to the automatic choice of components, which 'unik inspect' "
                     "explains."},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         reader.read_fields(node, component_fields(), manifest);
     }},
    {{.key = "security",
      .type = "mapping",
      .description = "What the program may do beyond what every program may."},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         reader.read_fields(node, security_fields(), manifest);
     }},
    {{.key = "resources",
      .type = "mapping",
      .description = "What the machine has when 'unik run' starts it, and its disk's sizes."},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         reader.read_fields(node, resource_fields(), manifest.resources);
     }},
    {{.key = "sign",
      .type = "mapping",
      .description = "How the image is signed. No secret stands here, only where it is."},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         reader.read_fields(node, sign_fields(), manifest.sign);
     }},
    {{.key = "targets",
      .type = "list of targets",
      .fallback = "[qemu]",
      .description =
          "Hypervisors that the image is made for: those that 'unik targets' lists, with "
          "the format of the image behind a colon where it is not the target's first. "
          "'unik build --target' replaces them.",
      .example = "[qemu, \"virtualbox:ova\"]"},
     read_targets},
    {{.key = "labels",
      .type = "labels",
      .description = "Free text about the image, kept in its image.json.",
      .example = "{maintainer: Ada}"},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         manifest.labels = read_labels(reader, node);
     }},
};

} // namespace

std::span<const YamlField<Manifest>> manifest_fields() {
    return k_manifest_fields;
}

std::span<const YamlField<BuildStep>> build_fields() {
    return k_build_fields;
}

std::span<const YamlField<FileEntry>> file_fields() {
    return k_file_fields;
}

std::span<const YamlField<Manifest>> component_fields() {
    return k_component_fields;
}

std::span<const YamlField<Resources>> resource_fields() {
    return k_resource_fields;
}

std::span<const YamlField<Signing>> sign_fields() {
    return k_sign_fields;
}

std::span<const YamlField<SecureBoot>> secure_boot_fields() {
    return k_secure_boot_fields;
}

} // namespace unik::unikfile
