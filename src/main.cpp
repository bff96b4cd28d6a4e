#include <cli/application.hpp>

int main(int argc, char** argv) {
    return unik::cli::run(argc, argv);
}
