{{/* SPDX-License-Identifier: Apache-2.0
How things are called, and what is known of each agent. */}}

{{- define "upkeep.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "upkeep.account" -}}
{{- .Values.serviceAccount.name | default (include "upkeep.name" .) }}
{{- end }}

{{- define "upkeep.journal" -}}
{{- .Values.state.name | default (printf "%s-journal" (include "upkeep.name" .)) }}
{{- end }}

{{- define "upkeep.selector" -}}
app.kubernetes.io/name: upkeep
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "upkeep.labels" -}}
{{ include "upkeep.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Namespace → what is in it for the daemon, as JSON: workloads (kind → names), maps and leases (lists of names). */}}
{{- define "upkeep.spaces" -}}
{{- $here := .Release.Namespace }}
{{- $journal := include "upkeep.journal" . }}
{{- $spaces := dict }}
{{- $finds := list (list $here "maps" $journal) (list $here "leases" $journal) }}
{{- range concat (keys .Values.agents) .Values.state.former }}
{{- $finds = append $finds (list $here "maps" (printf "%s-%s" $journal .)) }}
{{- end }}
{{- range $name, $agent := .Values.agents }}
{{- $space := .installer.namespace | default $here }}
{{- $finds = append $finds (list $space (dir .installer.workload) (base .installer.workload)) }}
{{- with .installer.status_config_map }}{{ $finds = append $finds (list $space "maps" .) }}{{ end }}
{{- range .schedule }}
{{- if eq .use "lease" }}
{{- $finds = append $finds (list (.namespace | default $here) "leases" (.name | default (printf "upkeep-%s" $name))) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $finds }}
{{- $space := get $spaces (first .) | default dict }}
{{- $_ := set $space (index . 1) (append (get $space (index . 1) | default list) (last .) | uniq | sortAlpha) }}
{{- $_ := set $spaces (first .) $space }}
{{- end }}
{{- toJson $spaces }}
{{- end }}
