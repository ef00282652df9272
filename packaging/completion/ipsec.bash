# Completion of ipsec for bash; zsh takes it through bashcompinit (packaging/completion/_ipsec).

_ipsec_conns() {
    local confdir
    confdir=$("${COMP_WORDS[0]}" --confdir 2>/dev/null) || return 0
    # Included files too, but not what those include; a path is relative to the folder, and may be a pattern.
    (cd "$confdir" && sed -n 's/^conn[[:space:]]\{1,\}\([^#[:space:]]*\).*/\1/p' ipsec.conf $(sed -n 's/^include[[:space:]]\{1,\}\([^#]*\).*/\1/p' ipsec.conf) 2>/dev/null) 2>/dev/null | grep -vx '%default'
}

_ipsec_complete() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} at=2 choices=
    local lists="listalgs listpubkeys listcerts listcacerts listaacerts listocspcerts listacerts listgroups listcainfos listcrls listocsp listplugins listcounters listall"
    local rereads="rereadall rereadsecrets rereadcacerts rereadaacerts rereadocspcerts rereadacerts rereadcrls"
    local purges="purgecerts purgecrls purgeike purgeocsp"
    local controls="up down route unroute down-srcip status statusall leases resetcounters"
    if [ "$command" = stroke ]; then
        command=${COMP_WORDS[2]}
        at=3
    fi
    if [ "$COMP_CWORD" = 1 ]; then
        choices="start stop restart update reload checkconf why $controls $lists $rereads secrets $purges pki stroke version copyright"
        case $word in -*) choices="--help --version --versioncode --copyright --directory --confdir --piddir" ;; esac
    elif [ "$COMP_CWORD" = 2 ] && [ "$at" = 3 ]; then
        choices="$controls $lists $rereads $purges up-nb down-nb rekey loglevel user-creds exportx509 exportconncert exportconnchain statusallnb statusall-nb memusage add del delete --help --daemon --utc --json"
    else
        case $command in
            up|down|route|unroute|up-nb|down-nb|rekey|user-creds|del|delete|exportconncert|exportconnchain)
                [ "$COMP_CWORD" -gt "$at" ] || choices=$(_ipsec_conns) ;;
            resetcounters) choices=$(_ipsec_conns) ;;
            listcounters) choices="$(_ipsec_conns) all --json" ;;
            status|statusall|statusallnb|statusall-nb|why) choices="$(_ipsec_conns) --json" ;;
            leases) choices="--json" ;;
            list*) choices="--utc --json" ;;
            loglevel)
                if [ "$COMP_CWORD" = "$at" ]; then choices="any dmn mgr ike chd job cfg knl net asn enc tls esp lib"; else choices="-1 0 1 2 3 4"; fi ;;
            start|restart)
                choices="--nofork --auto-update --debug --debug-more --debug-all --nolog --attach-gdb --conf --daemon --conftest"
                case ${COMP_WORDS[COMP_CWORD - 1]} in
                    --conf) COMPREPLY=($(compgen -f -- "$word")); return ;;
                    --auto-update|--daemon) choices= ;;
                esac ;;
            pki)
                if [ "$COMP_CWORD" = 2 ]; then
                    choices="--gen --self --issue --req --signcrl --acert --print --pub --keyid --dn --verify --pkcs7 --pkcs12 --help"
                else
                    case $word in -*) ;; *) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
                    # It knows itself what each of them takes.
                    choices=$("${COMP_WORDS[0]}" pki "${COMP_WORDS[2]}" --help 2>/dev/null | grep -oE -e '--[a-z][a-z0-9-]*' | grep -vx -e "${COMP_WORDS[2]}")
                fi ;;
            checkconf) case $word in -*) choices=--json ;; *) COMPREPLY=($(compgen -f -- "$word")); return ;; esac ;;
        esac
    fi
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
}

complete -F _ipsec_complete ipsec
