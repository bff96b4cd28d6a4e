#include <cli/commands.hpp>

#include <bundle/bundle.hpp>
#include <cli/image_report.hpp>
#include <cli/terminal.hpp>

namespace unik::cli {

int inspect_command(const Invocation& invocation) {
    const std::string path = invocation.value("BUNDLE");
    const auto image = bundle::open(path);
    if (!image.ok())
        return report(image.error());
    if (const auto checked = bundle::verify(image.value(), path); !checked.ok())
        return report(checked.error());
    print(invocation.has("json") ? image->document.dump(2) + "\n" : inspection(image->document));
    return 0;
}

} // namespace unik::cli
