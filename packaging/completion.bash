# Completion for bash of the four programs of Meridian: options and
# commands are those that --help lists, the words of diff are files, those
# of backup are folders, those of preset and simulate are those that they list.

_meridian_words() { # what --help of a command line lists: options, or commands
	"$@" --help 2>/dev/null | sed -n "$filter"
}

_meridian() {
	local program=$1 word=$2 before=$3 command='' filter='' i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-c | --config) i=$((i + 1)) ;;
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	COMPREPLY=()
	if [[ $before == -c || $before == --config || $before == --list ||
	    ($before == --csv && $command == simulate) || $before == --svg ||
	    $before == --html ||
	    ($command == explain && $before == -f) ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
	fi
	if [[ $word == -* ]]; then
		filter='s/^  \(-., \|    \)\(--[a-z-]*\).*/\2/p'
	elif [[ $command == diff || $command == replay || $before == import ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
	elif [[ $command == backup || $command == restore ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return
	elif [[ $command == preset ]]; then
		mapfile -t COMPREPLY < <(
			compgen -W "$("$program" preset 2>/dev/null |
			    sed -n 's/^  \([^ ][^ ]*\) .*/\1/p')" -- "$word"
		)
		return
	elif [[ $command == simulate ]]; then
		filter='/^Scenarios:/s/^Scenarios:\|[,.]//gp'
	elif [[ -z $command || $command == latency ]]; then
		filter='s/^  \([a-z][a-z-]*\) .*/\1/p'
	else
		return
	fi
	mapfile -t COMPREPLY < <(
		compgen -W "$(_meridian_words "$program" ${command:+"$command"})" \
		    -- "$word"
	)
}

complete -F _meridian meridiand meridian-probe meridian-share meridianctl
