{{/* SPDX-License-Identifier: Apache-2.0
The configuration of the daemon as TOML, out of values. A text in JSON is one in TOML, too; Helm's numbers are all floats, and those
without a fraction were written as integers. What is null is left out. */}}

{{- define "upkeep.toml.value" -}}
{{- if and (kindIs "float64" .) (eq (float64 (int64 .)) .) }}{{ int64 . }}{{ else }}{{ toJson . }}{{ end }}
{{- end }}

{{- define "upkeep.toml.key" -}}
{{- if regexMatch "^[A-Za-z0-9_-]+$" . }}{{ . }}{{ else }}{{ toJson . }}{{ end }}
{{- end }}

{{/* {table, path}: the lines of a table; `path` is its name with a dot behind it, and empty at the top. */}}
{{- define "upkeep.toml" -}}
{{- $path := .path }}
{{- range $key, $value := .table }}
{{- if not (or (kindIs "invalid" $value) (kindIs "map" $value) (and (kindIs "slice" $value) (kindIs "map" (first $value)))) }}
{{ include "upkeep.toml.key" $key }} = {{ include "upkeep.toml.value" $value }}
{{- end }}
{{- end }}
{{- range $key, $value := .table }}
{{- $name := printf "%s%s" $path (include "upkeep.toml.key" $key) }}
{{- if kindIs "map" $value }}

[{{ $name }}]
{{- include "upkeep.toml" (dict "table" $value "path" (printf "%s." $name)) }}
{{- else if and (kindIs "slice" $value) (kindIs "map" (first $value)) }}
{{- range $value }}

[[{{ $name }}]]
{{- include "upkeep.toml" (dict "table" . "path" (printf "%s." $name)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
