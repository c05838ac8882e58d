# SPDX-License-Identifier: Apache-2.0
# fish: /usr/share/fish/vendor_completions.d/upkeep.fish. What fits is upkeep's to say.

function __upkeep_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (upkeep complete-words -- $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = :file
            __fish_complete_path "$current"
        else
            printf '%s\n' $line
        end
    end
end

complete -c upkeep -f -k -a '(__upkeep_complete)'
