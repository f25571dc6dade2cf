package cli

// bashCompletion is for bash 4.4. Bash takes words apart at the characters of COMP_WORDBREAKS, so at the colons
// and equals signs of our words too: they are put together again first, and what is before the last of them
// is left out of the answer.
const bashCompletion = `# bash completion for nstui
_nstui() {
	local words=() rest=$COMP_LINE word i
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((i == 0)) || [[ $rest == [[:space:]]* ]]; then
			words+=("$word")
		else
			words[-1]+=$word
		fi
		rest=${rest#"${rest%%[![:space:]]*}"}
		rest=${rest#"$word"}
	done
	local quoted=
	[[ ${words[-1]} == *[\"\']* ]] && quoted=1
	words=("${words[@]//[\\\"\']/}")
	local cur=${words[-1]} lines=()
	mapfile -t lines < <("${words[0]/#\~/$HOME}" __complete "${words[@]:1}" 2>/dev/null)
	COMPREPLY=()
	((${#lines[@]} > 0)) || return
	[[ ${lines[-1]} =~ ^:[0-9]+$ ]] || return
	local directive=${lines[-1]#:}
	unset 'lines[-1]'
	((directive & 2)) && compopt -o nospace
	if ((${#lines[@]} == 0)); then
		((directive & 4)) || compopt -o default
		return
	fi
	[[ $cur == -*=* ]] && cur=${cur#*=}
	local before=
	[[ $COMP_WORDBREAKS == *:* && $cur == *:* ]] && before=${cur%"${cur##*:}"}
	for word in "${lines[@]}"; do
		word=${word%%$'\t'*}
		[[ $word == "$cur"* ]] || continue
		word=${word#"$before"}
		if [[ ! $quoted ]]; then
			printf -v word %q "$word"
		elif [[ $word == *[^[:alnum:]_./@:,+=%-]* ]]; then
			continue # within quotes nothing is escaped
		fi
		word=${word//\\,/,}
		COMPREPLY+=("$word")
	done
}
complete -F _nstui nstui
`

const zshCompletion = `#compdef nstui
# zsh completion for nstui
_nstui() {
	local -a lines found
	local line word directive
	lines=("${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
	[[ ${lines[-1]} == :<-> ]] || return
	directive=${lines[-1]#:}
	lines[-1]=()
	[[ $PREFIX == -*=* ]] && compset -P '*='
	for line in $lines; do
		word=${line%%$'\t'*}
		word=${word//\\/\\\\}
		word=${word//:/\\:}
		[[ $line == *$'\t'* ]] && word+=:${line#*$'\t'}
		found+=($word)
	done
	if (( $#found )); then
		if (( directive & 2 )); then
			_describe -t words nstui found -S ''
		else
			_describe -t words nstui found
		fi
	elif ! (( directive & 4 )); then
		_files
	fi
}
if [[ $funcstack[1] == _nstui ]]; then
	_nstui "$@"
else
	compdef _nstui nstui
fi
`

const fishCompletion = `# fish completion for nstui
function __nstui_complete
	set -l args (commandline -opc)
	set -l cur (string unescape -- (commandline -ct | string collect))
	set -l lines ($args[1] __complete $args[2..-1] "$cur" 2>/dev/null)
	string match -qr -- '^:[0-9]+$' "$lines[-1]"; or return
	set -l directive (string sub -s 2 -- $lines[-1])
	set -e lines[-1]
	if not set -q lines[1]
		if not string match -q -- '-*=*' "$cur"; and test (math "bitand($directive, 4)") -eq 0
			__fish_complete_path "$cur"
		end
		return
	end
	set -l option (string match -r -- '^-[^=]*=' "$cur")
	printf '%s\n' "$option"$lines
end
complete -c nstui -f -a '(__nstui_complete)'
`
