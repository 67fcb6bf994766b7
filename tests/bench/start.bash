# What a start of the client costs, by itself and with a call, and what it will when the schema is six times as large. Sourced by bench.sh.
#
# Instructions in user space, by callgrind: they are the same on every machine and under any load.

TIMES=6

# A copy of the sources in $1 whose schema has each service TIMES times: in packages of their own, under other commands.
larger_sources() {
    local i file name files=(proto/jiayi/v1/*.proto)
    cp -r CMakeLists.txt ./*.md cmake client common deploy docker-compose.yml docs po proto server tests "$1"
    for ((i = 2; i <= TIMES; i++)); do
        for file in "${files[@]}"; do
            name=$(basename "$file" .proto)
            case $name in options | rpc) continue ;; esac
            # What is offered is offered once.
            sed -E -e "s/^package jiayi.v1;/package jiayi.v1x$i;/" -e "s/^(service \w+)/\1$i/" \
                -e "/options.proto/!s/^(import \"jiayi.*)\.proto\"/\1$i.proto\"/" \
                -e "s/command: \"([a-z]+)/command: \"\1$i/" -e 's/offers: \{[^}]*\}//' "$file" >"$1/proto/jiayi/v1/$name$i.proto"
        done
    done
}

# Prints the millions of instructions of jiayi $1 with these words.
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null |
        awk '/refs:/ { gsub(",", ""); printf "%.2f\n", $NF / 1000000 }'
}

# Of a call too, by the client as it is: instructions, and how long it took from start to exit at the quickest, which is
# what a machine that is never quiet can tell of time.
start_whoami() {
    local i took=()
    server_init "$SCRATCH/start" >/dev/null
    server_start "$SCRATCH/start"
    sign_in operator "$OPERATOR" >/dev/null
    for ((i = -2; i < CLI_RUNS; i++)); do # two to warm up
        took+=("$(milliseconds "$OPERATOR" "$JIAYI" --profile operator whoami)")
    done
    jq -nc --argjson millions "$(instructions "$JIAYI" --profile operator whoami)" '$ARGS.positional[2:] | map(tonumber) |
        {words: "whoami", millions: $millions, quickest_ms: min}' --args "${took[@]}"
    server_stop "$SCRATCH/start"
}

part_start() {
    local words small large
    mkdir "$SCRATCH/larger"
    larger_sources "$SCRATCH/larger"
    say "building a client with $TIMES times the schema"
    cmake -G Ninja -S "$SCRATCH/larger" -B "$SCRATCH/larger/build" -DCMAKE_BUILD_TYPE=RelWithDebInfo >"$SCRATCH/larger.log" &&
        cmake --build "$SCRATCH/larger/build" --target jiayi >>"$SCRATCH/larger.log" || {
        cat "$SCRATCH/larger.log" >&2
        return 1
    }
    start_whoami >"$SCRATCH/start.rows"
    for words in version 'deal move --help' 'completion bash -- deal' --help; do
        # shellcheck disable=SC2086
        small=$(instructions "$JIAYI" $words)
        # shellcheck disable=SC2086
        large=$(instructions "$SCRATCH/larger/build/jiayi" $words)
        jq -nc --arg words "$words" "{words: \$words, millions: $small, larger: $large}"
    done >>"$SCRATCH/start.rows"
    jq -sc . "$SCRATCH/start.rows" >"$SCRATCH/start.json"
}

print_start() {
    echo "Millions of instructions of the client; without a server also with $TIMES times the schema:"
    jq -r '.[] | "  jiayi \(.words): \(.millions)" + if .larger then "; \(.larger)" else "; start to exit \(.quickest_ms) ms at the quickest" end' "$1"
}
