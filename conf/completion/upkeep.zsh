#compdef upkeep
# SPDX-License-Identifier: Apache-2.0
# zsh: /usr/share/zsh/vendor-completions/_upkeep. What fits is upkeep's to say.

_upkeep() {
  local word rest files=
  local -a candidates
  while IFS=$'\t' read -r word rest; do
    if [[ $word == :file ]]; then files=1; else candidates+=("${word//:/\\:}${rest:+:$rest}"); fi
  done < <(upkeep complete-words -- "${(@)words[2,CURRENT]}" 2> /dev/null)
  local found=1
  (( $#candidates )) && _describe -V upkeep candidates && found=0
  [[ -n $files ]] && _files && found=0
  return $found
}

_upkeep "$@"
