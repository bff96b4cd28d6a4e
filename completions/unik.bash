# bash completion for unik; made by 'unik completion bash'.
_unik_names() {
    unik "$1" 2>/dev/null | awk '{print $1}'
}

_unik() {
    local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}"
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W 'build run inspect keygen sign verify secure-boot-keys convert init components languages targets doctor completion schema version help' -- "$cur"))
        return
    fi
    case "${COMP_WORDS[1]}" in
    build)
        case "$prev" in
            --file|-f) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --output|-o) COMPREPLY=($(compgen -d -- "$cur")); return ;;
            --target|-t) COMPREPLY=($(compgen -W "$(_unik_names targets)" -- "$cur")); return ;;
            --progress) COMPREPLY=($(compgen -W 'auto plain json' -- "$cur")); return ;;
            --sign-key) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --passphrase-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --secure-boot-key) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --secure-boot-cert) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--file -f --output -o --target -t --progress --no-cache --sign-key --passphrase-file --secure-boot-key --secure-boot-cert --no-sign --explain --quiet -q --verbose -v --manifests --no-color --help -h' -- "$cur"))
        else
            COMPREPLY=($(compgen -d -- "$cur"))
        fi
        ;;
    run)
        case "$prev" in
            --publish|-p) COMPREPLY=(); return ;;
            --env|-e) COMPREPLY=(); return ;;
            --env-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --memory|-m) COMPREPLY=(); return ;;
            --cpus) COMPREPLY=(); return ;;
            --accel) COMPREPLY=($(compgen -W 'auto kvm tcg' -- "$cur")); return ;;
            --timeout) COMPREPLY=(); return ;;
            --boot) COMPREPLY=($(compgen -W 'kernel disk bios uefi' -- "$cur")); return ;;
            --target|-t) COMPREPLY=($(compgen -W "$(_unik_names targets)" -- "$cur")); return ;;
            --machine) COMPREPLY=(); return ;;
            --disk-controller) COMPREPLY=(); return ;;
            --network-card) COMPREPLY=(); return ;;
            --qemu-arg) COMPREPLY=(); return ;;
            --tap) COMPREPLY=(); return ;;
            --policy) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--publish -p --env -e --env-file --memory -m --cpus --accel --timeout --boot --target -t --machine --disk-controller --network-card --qemu-arg --tap --policy --print-command --verbose -v --quiet -q --manifests --no-color --help -h' -- "$cur"))
        else
            COMPREPLY=($(compgen -d -- "$cur"))
        fi
        ;;
    inspect)
        case "$prev" in
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--json --manifests --no-color --help -h' -- "$cur"))
        else
            COMPREPLY=($(compgen -d -- "$cur"))
        fi
        ;;
    keygen)
        case "$prev" in
            --output|-o) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --passphrase-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--output -o --no-passphrase --passphrase-file --manifests --no-color --help -h' -- "$cur"))
        fi
        ;;
    sign)
        case "$prev" in
            --sign-key) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --passphrase-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --secure-boot-key) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --secure-boot-cert) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --output|-o) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--sign-key --passphrase-file --secure-boot-key --secure-boot-cert --output -o --manifests --no-color --help -h' -- "$cur"))
        else
            COMPREPLY=($(compgen -f -- "$cur"))
        fi
        ;;
    verify)
        case "$prev" in
            --key|-k) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --policy) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --certificate) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--key -k --policy --certificate --json --manifests --no-color --help -h' -- "$cur"))
        else
            COMPREPLY=($(compgen -f -- "$cur"))
        fi
        ;;
    secure-boot-keys)
        case "$prev" in
            --output|-o) COMPREPLY=($(compgen -d -- "$cur")); return ;;
            --variables) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--output -o --variables --manifests --no-color --help -h' -- "$cur"))
        fi
        ;;
    convert)
        case "$prev" in
            --to) COMPREPLY=($(compgen -W 'raw qcow2 vmdk vmdk-stream vdi vhd vhd-fixed vhdx ova gce iso' -- "$cur")); return ;;
            --output|-o) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --compress) COMPREPLY=($(compgen -W 'none zlib zstd' -- "$cur")); return ;;
            --from) COMPREPLY=($(compgen -W 'raw qcow2 vmdk vmdk-stream vdi vhd vhd-fixed vhdx ova gce iso' -- "$cur")); return ;;
            --target) COMPREPLY=($(compgen -W "$(_unik_names targets)" -- "$cur")); return ;;
            --policy) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--to --output -o --compress --from --target --policy --quiet -q --json --manifests --no-color --help -h' -- "$cur"))
        else
            COMPREPLY=($(compgen -f -- "$cur"))
        fi
        ;;
    init)
        case "$prev" in
            --name) COMPREPLY=(); return ;;
            --language) COMPREPLY=($(compgen -W "$(_unik_names languages)" -- "$cur")); return ;;
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--name --language --manifests --no-color --help -h' -- "$cur"))
        else
            COMPREPLY=($(compgen -d -- "$cur"))
        fi
        ;;
    components)
        case "$prev" in
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--json --manifests --no-color --help -h' -- "$cur"))
        else
            COMPREPLY=($(compgen -W "$(_unik_names components)" -- "$cur"))
        fi
        ;;
    languages)
        case "$prev" in
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--json --manifests --no-color --help -h' -- "$cur"))
        else
            COMPREPLY=($(compgen -W "$(_unik_names languages)" -- "$cur"))
        fi
        ;;
    targets)
        case "$prev" in
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--json --manifests --no-color --help -h' -- "$cur"))
        else
            COMPREPLY=($(compgen -W "$(_unik_names targets)" -- "$cur"))
        fi
        ;;
    doctor)
        case "$prev" in
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--json --manifests --no-color --help -h' -- "$cur"))
        fi
        ;;
    completion)
        case "$prev" in
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--manifests --no-color --help -h' -- "$cur"))
        else
            COMPREPLY=($(compgen -W 'bash zsh fish' -- "$cur"))
        fi
        ;;
    schema)
        case "$prev" in
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--manifests --no-color --help -h' -- "$cur"))
        fi
        ;;
    version)
        case "$prev" in
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--json --manifests --no-color --help -h' -- "$cur"))
        fi
        ;;
    help)
        case "$prev" in
            --manifests) COMPREPLY=($(compgen -d -- "$cur")); return ;;
        esac
        if [[ "$cur" == -* ]]; then
            COMPREPLY=($(compgen -W '--manifests --no-color --help -h' -- "$cur"))
        else
            COMPREPLY=($(compgen -W 'build run inspect keygen sign verify secure-boot-keys convert init components languages targets doctor completion schema version help' -- "$cur"))
        fi
        ;;
    esac
}
complete -F _unik unik
