#!/bin/sh
# Clears away one test cluster, whatever became of the program that started it.
#
# That program holds the other end of our standard input, and tells on it what there is to clear:
#     dir PORT PATH     the cluster's port and own directory
#     chain NAME        an iptables chain that INPUT jumps to
# The input ends when the program closes it or dies, by kill -9 too; then we clear up. Our standard output is the lock file of the
# port: the lock is held until we end, so nobody takes the port while its servers still run.

trap '' HUP INT TERM
dir=
port=
chain=

while read -r word first rest; do
    case $word in
    dir) port=$first dir=$rest ;;
    chain) chain=$first ;;
    esac
done

# The servers, and what they forked: their working directory is below ours, which nobody else knows. The name guards a person's
# shell or pager that stands there too. (No list of process ids: the owner may die between starting one and telling it.)
servers() {
    find /proc -maxdepth 2 -name cwd -lname "$dir/*" -printf '%h\n' 2>/dev/null | while read -r process; do
        case $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null) in
        *server.conf* | *":$port"*) echo "${process#/proc/}" ;;
        esac
    done
}

if [ -n "$chain" ]; then
    # As often as it is there, so that a half-made start leaves nothing.
    while iptables -w 10 -D INPUT -m comment --comment "slotkeeper test cluster $port" -j "$chain" >/dev/null 2>&1; do :; done
    iptables -w 10 -F "$chain" >/dev/null 2>&1
    iptables -w 10 -X "$chain" >/dev/null 2>&1
fi

if [ -n "$dir" ]; then
    # Again until there are none: a server may be starting at this very moment.
    tries=0
    while found=$(servers) && [ -n "$found" ] && [ $tries -lt 200 ]; do
        kill -9 $found 2>/dev/null
        sleep 0.02
        tries=$((tries + 1))
    done
    rm -rf "$dir"
    [ -z "$found" ] && [ ! -e "$dir" ] && rm -f "$dir.lock"
fi
