# SPDX-License-Identifier: Apache-2.0
# bash: /usr/share/bash-completion/completions/upkeep. What fits is upkeep's to say; here it is only put into COMPREPLY.

_upkeep() {
  local cur prev words cword word rest
  _init_completion -n =: || return
  COMPREPLY=()
  while IFS=$'\t' read -r word rest; do
    if [[ $word == :file ]]; then _filedir; else COMPREPLY+=("$word"); fi
  done < <(upkeep complete-words -- "${words[@]:1:cword}" 2> /dev/null)
  # What readline takes for words of their own is already on the line.
  local before=${cur%"${cur##*[=:]}"}
  COMPREPLY=("${COMPREPLY[@]#"$before"}")
}

complete -F _upkeep upkeep
