# fish completion for unik; made by 'unik completion fish'.
function __unik_names
    unik $argv[1] 2>/dev/null | awk '{print $1}'
end
complete -c unik -f
complete -c unik -n __fish_use_subcommand -a build -d 'build a bundle from a project with a Unikfile'
complete -c unik -n '__fish_seen_subcommand_from build' -s f -l file -d 'The Unikfile, where it is not DIR/Unikfile' -r -F
complete -c unik -n '__fish_seen_subcommand_from build' -s o -l output -d 'The bundle folder to write' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from build' -s t -l target -d 'A hypervisor to write a disk for, instead of the Unikfile\'s targets' -x -a '(__unik_names targets)'
complete -c unik -n '__fish_seen_subcommand_from build' -l progress -d 'How stages are shown: a live list on a terminal and plain lines elsewhere (auto), plain lines, or one JSON object a line on stdout' -x -a 'auto plain json'
complete -c unik -n '__fish_seen_subcommand_from build' -l no-cache -d 'Build in a fresh folder, with nothing left of earlier builds'
complete -c unik -n '__fish_seen_subcommand_from build' -l sign-key -d 'The secret key to sign with: a file, or env:NAME for a variable that holds its content' -r -F
complete -c unik -n '__fish_seen_subcommand_from build' -l passphrase-file -d 'Take the key\'s passphrase from the first line of a file, which only you may read, or from a variable, instead of asking on the terminal' -r -F
complete -c unik -n '__fish_seen_subcommand_from build' -l secure-boot-key -d 'The RSA key in PEM that signs EFI programs for Secure Boot: a file or env:NAME' -r -F
complete -c unik -n '__fish_seen_subcommand_from build' -l secure-boot-cert -d 'The key\'s certificate, which the firmware\'s db holds' -r -F
complete -c unik -n '__fish_seen_subcommand_from build' -l no-sign -d 'Leave the image unsigned, whatever the Unikfile says'
complete -c unik -n '__fish_seen_subcommand_from build' -l explain -d 'Print why each component is in the image, and what the analysis found'
complete -c unik -n '__fish_seen_subcommand_from build' -s q -l quiet -d 'Print the bundle\'s path and nothing else'
complete -c unik -n '__fish_seen_subcommand_from build' -s v -l verbose -d 'Show the tools that run, with their output (also: $UNIK_LOG)'
complete -c unik -n '__fish_seen_subcommand_from build' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from build' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from build' -s h -l help -d 'Show this command\'s help'
complete -c unik -n '__fish_seen_subcommand_from build' -x -a '(__fish_complete_directories)'
complete -c unik -n __fish_use_subcommand -a run -d 'boot a bundle under QEMU'
complete -c unik -n '__fish_seen_subcommand_from run' -s p -l publish -d 'Forward a port of this host to the guest' -x
complete -c unik -n '__fish_seen_subcommand_from run' -s e -l env -d 'Set a variable in the guest; NAME alone takes the host\'s value' -x
complete -c unik -n '__fish_seen_subcommand_from run' -l env-file -d 'Set the variables of a file, one NAME=VALUE a line' -r -F
complete -c unik -n '__fish_seen_subcommand_from run' -s m -l memory -d 'Memory of the machine, such as 64M, instead of the image\'s own' -x
complete -c unik -n '__fish_seen_subcommand_from run' -l cpus -d 'CPUs of the machine' -x
complete -c unik -n '__fish_seen_subcommand_from run' -l accel -d 'Hardware virtualisation: kvm, software emulation: tcg, or auto: kvm where /dev/kvm opens and the CPU has vmx or svm' -x -a 'auto kvm tcg'
complete -c unik -n '__fish_seen_subcommand_from run' -l timeout -d 'Stop the guest after this time and exit with 124' -x
complete -c unik -n '__fish_seen_subcommand_from run' -l boot -d 'Boot the kernel directly, or the disk, by BIOS or UEFI as the target prefers or as named' -x -a 'kernel disk bios uefi'
complete -c unik -n '__fish_seen_subcommand_from run' -s t -l target -d 'The target whose image to boot, with its hardware' -x -a '(__unik_names targets)'
complete -c unik -n '__fish_seen_subcommand_from run' -l machine -d 'One of the target\'s machines, such as q35, in QEMU' -x
complete -c unik -n '__fish_seen_subcommand_from run' -l disk-controller -d 'One of the target\'s disk controllers, such as ahci' -x
complete -c unik -n '__fish_seen_subcommand_from run' -l network-card -d 'One of the target\'s network cards, such as e1000' -x
complete -c unik -n '__fish_seen_subcommand_from run' -l qemu-arg -d 'A further argument for QEMU, as it is' -x
complete -c unik -n '__fish_seen_subcommand_from run' -l tap -d 'A tap device of this host as the guest\'s network, for Firecracker and Cloud Hypervisor, which forward no ports' -x
complete -c unik -n '__fish_seen_subcommand_from run' -l policy -d 'The policy that says whose signatures are needed (also: $UNIK_POLICY)' -r -F
complete -c unik -n '__fish_seen_subcommand_from run' -l print-command -d 'Print the hypervisor\'s command line instead of running it'
complete -c unik -n '__fish_seen_subcommand_from run' -s v -l verbose -d 'Show the tools that run and the control channel\'s events (also: $UNIK_LOG)'
complete -c unik -n '__fish_seen_subcommand_from run' -s q -l quiet -d 'None of unik\'s own lines but errors'
complete -c unik -n '__fish_seen_subcommand_from run' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from run' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from run' -s h -l help -d 'Show this command\'s help'
complete -c unik -n '__fish_seen_subcommand_from run' -x -a '(__fish_complete_directories)'
complete -c unik -n __fish_use_subcommand -a inspect -d 'show what is in a bundle, and why'
complete -c unik -n '__fish_seen_subcommand_from inspect' -l json -d 'Print one JSON document on stdout, for programs'
complete -c unik -n '__fish_seen_subcommand_from inspect' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from inspect' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from inspect' -s h -l help -d 'Show this command\'s help'
complete -c unik -n '__fish_seen_subcommand_from inspect' -x -a '(__fish_complete_directories)'
complete -c unik -n __fish_use_subcommand -a keygen -d 'make a pair of keys for signing'
complete -c unik -n '__fish_seen_subcommand_from keygen' -s o -l output -d 'Write NAME.key and NAME.pub' -r -F
complete -c unik -n '__fish_seen_subcommand_from keygen' -l no-passphrase -d 'Leave the secret key unprotected: whoever reads the file can sign'
complete -c unik -n '__fish_seen_subcommand_from keygen' -l passphrase-file -d 'Take the key\'s passphrase from the first line of a file, which only you may read, or from a variable, instead of asking on the terminal' -r -F
complete -c unik -n '__fish_seen_subcommand_from keygen' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from keygen' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from keygen' -s h -l help -d 'Show this command\'s help'
complete -c unik -n __fish_use_subcommand -a sign -d 'sign a bundle or a file'
complete -c unik -n '__fish_seen_subcommand_from sign' -l sign-key -d 'The secret key to sign with: a file, or env:NAME for a variable that holds its content' -r -F
complete -c unik -n '__fish_seen_subcommand_from sign' -l passphrase-file -d 'Take the key\'s passphrase from the first line of a file, which only you may read, or from a variable, instead of asking on the terminal' -r -F
complete -c unik -n '__fish_seen_subcommand_from sign' -l secure-boot-key -d 'The RSA key in PEM that signs EFI programs for Secure Boot: a file or env:NAME' -r -F
complete -c unik -n '__fish_seen_subcommand_from sign' -l secure-boot-cert -d 'The key\'s certificate, which the firmware\'s db holds' -r -F
complete -c unik -n '__fish_seen_subcommand_from sign' -s o -l output -d 'For Secure Boot: where to write the signed program' -r -F
complete -c unik -n '__fish_seen_subcommand_from sign' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from sign' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from sign' -s h -l help -d 'Show this command\'s help'
complete -c unik -n '__fish_seen_subcommand_from sign' -r -F
complete -c unik -n __fish_use_subcommand -a verify -d 'check the signature of a bundle or a file'
complete -c unik -n '__fish_seen_subcommand_from verify' -s k -l key -d 'A public key that is trusted: a file, env:NAME, or the key itself' -r -F
complete -c unik -n '__fish_seen_subcommand_from verify' -l policy -d 'The policy that says whose signatures are needed (also: $UNIK_POLICY)' -r -F
complete -c unik -n '__fish_seen_subcommand_from verify' -l certificate -d 'Check the signature for Secure Boot inside an EFI program instead: this certificate, PEM or DER, must have signed' -r -F
complete -c unik -n '__fish_seen_subcommand_from verify' -l json -d 'Print one JSON document on stdout, for programs'
complete -c unik -n '__fish_seen_subcommand_from verify' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from verify' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from verify' -s h -l help -d 'Show this command\'s help'
complete -c unik -n '__fish_seen_subcommand_from verify' -r -F
complete -c unik -n __fish_use_subcommand -a secure-boot-keys -d 'make keys for UEFI Secure Boot and a variable store with them'
complete -c unik -n '__fish_seen_subcommand_from secure-boot-keys' -s o -l output -d 'The folder to write to; it is made where it is not there' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from secure-boot-keys' -l variables -d 'The firmware\'s variable store without keys, which is copied' -r -F
complete -c unik -n '__fish_seen_subcommand_from secure-boot-keys' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from secure-boot-keys' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from secure-boot-keys' -s h -l help -d 'Show this command\'s help'
complete -c unik -n __fish_use_subcommand -a convert -d 'write a disk image in another hypervisor\'s format'
complete -c unik -n '__fish_seen_subcommand_from convert' -l to -d 'The format to write; FORMATS lists them' -x -a 'raw qcow2 vmdk vmdk-stream vdi vhd vhd-fixed vhdx ova gce iso'
complete -c unik -n '__fish_seen_subcommand_from convert' -s o -l output -d 'The file to write; an existing one is replaced once the new one is whole' -r -F
complete -c unik -n '__fish_seen_subcommand_from convert' -l compress -d 'How the data is packed: in qcow2 not at all, or by zlib or zstd' -x -a 'none zlib zstd'
complete -c unik -n '__fish_seen_subcommand_from convert' -l from -d 'The input\'s format' -x -a 'raw qcow2 vmdk vmdk-stream vdi vhd vhd-fixed vhdx ova gce iso'
complete -c unik -n '__fish_seen_subcommand_from convert' -l target -d 'Of a bundle, the disk that was built for this target' -x -a '(__unik_names targets)'
complete -c unik -n '__fish_seen_subcommand_from convert' -l policy -d 'The policy that says whose signatures are needed (also: $UNIK_POLICY)' -r -F
complete -c unik -n '__fish_seen_subcommand_from convert' -s q -l quiet -d 'Print the file\'s path alone'
complete -c unik -n '__fish_seen_subcommand_from convert' -l json -d 'Print one JSON document on stdout, for programs'
complete -c unik -n '__fish_seen_subcommand_from convert' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from convert' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from convert' -s h -l help -d 'Show this command\'s help'
complete -c unik -n '__fish_seen_subcommand_from convert' -r -F
complete -c unik -n __fish_use_subcommand -a init -d 'write a Unikfile for the project in a folder'
complete -c unik -n '__fish_seen_subcommand_from init' -l name -d 'The image\'s name' -x
complete -c unik -n '__fish_seen_subcommand_from init' -l language -d 'The language, where detection is not wanted' -x -a '(__unik_names languages)'
complete -c unik -n '__fish_seen_subcommand_from init' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from init' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from init' -s h -l help -d 'Show this command\'s help'
complete -c unik -n '__fish_seen_subcommand_from init' -x -a '(__fish_complete_directories)'
complete -c unik -n __fish_use_subcommand -a components -d 'list the components of the library OS'
complete -c unik -n '__fish_seen_subcommand_from components' -l json -d 'Print one JSON document on stdout, for programs'
complete -c unik -n '__fish_seen_subcommand_from components' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from components' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from components' -s h -l help -d 'Show this command\'s help'
complete -c unik -n '__fish_seen_subcommand_from components' -x -a '(__unik_names components)'
complete -c unik -n __fish_use_subcommand -a languages -d 'list the languages that unik builds'
complete -c unik -n '__fish_seen_subcommand_from languages' -l json -d 'Print one JSON document on stdout, for programs'
complete -c unik -n '__fish_seen_subcommand_from languages' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from languages' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from languages' -s h -l help -d 'Show this command\'s help'
complete -c unik -n '__fish_seen_subcommand_from languages' -x -a '(__unik_names languages)'
complete -c unik -n __fish_use_subcommand -a targets -d 'list the hypervisors that unik writes images for'
complete -c unik -n '__fish_seen_subcommand_from targets' -l json -d 'Print one JSON document on stdout, for programs'
complete -c unik -n '__fish_seen_subcommand_from targets' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from targets' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from targets' -s h -l help -d 'Show this command\'s help'
complete -c unik -n '__fish_seen_subcommand_from targets' -x -a '(__unik_names targets)'
complete -c unik -n __fish_use_subcommand -a doctor -d 'check what this host has for building and running'
complete -c unik -n '__fish_seen_subcommand_from doctor' -l json -d 'Print one JSON document on stdout, for programs'
complete -c unik -n '__fish_seen_subcommand_from doctor' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from doctor' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from doctor' -s h -l help -d 'Show this command\'s help'
complete -c unik -n __fish_use_subcommand -a completion -d 'print a completion script for a shell'
complete -c unik -n '__fish_seen_subcommand_from completion' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from completion' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from completion' -s h -l help -d 'Show this command\'s help'
complete -c unik -n '__fish_seen_subcommand_from completion' -x -a 'bash zsh fish'
complete -c unik -n __fish_use_subcommand -a schema -d 'print the JSON schema of the Unikfile'
complete -c unik -n '__fish_seen_subcommand_from schema' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from schema' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from schema' -s h -l help -d 'Show this command\'s help'
complete -c unik -n __fish_use_subcommand -a version -d 'print the version'
complete -c unik -n '__fish_seen_subcommand_from version' -l json -d 'Print one JSON document on stdout, for programs'
complete -c unik -n '__fish_seen_subcommand_from version' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from version' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from version' -s h -l help -d 'Show this command\'s help'
complete -c unik -n __fish_use_subcommand -a help -d 'show help for unik or a command'
complete -c unik -n '__fish_seen_subcommand_from help' -l manifests -d 'Overlay the built-in languages and targets with the files of this folder (also: $UNIK_MANIFESTS)' -x -a '(__fish_complete_directories)'
complete -c unik -n '__fish_seen_subcommand_from help' -l no-color -d 'No colours, even on a terminal (also: $NO_COLOR)'
complete -c unik -n '__fish_seen_subcommand_from help' -s h -l help -d 'Show this command\'s help'
complete -c unik -n '__fish_seen_subcommand_from help' -x -a 'build run inspect keygen sign verify secure-boot-keys convert init components languages targets doctor completion schema version help'
