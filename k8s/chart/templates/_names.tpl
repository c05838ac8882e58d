{{/* SPDX-License-Identifier: Apache-2.0
How things are called, and what is known of each agent. */}}

{{- define "upkeep.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "upkeep.account" -}}
{{- .Values.serviceAccount.name | default (include "upkeep.name" .) }}
{{- end }}

{{- define "upkeep.journal" -}}
{{- .Values.state.configMap | default (printf "%s-journal" (include "upkeep.name" .)) }}
{{- end }}

{{- define "upkeep.lease" -}}
{{- .Values.lease.name | default (include "upkeep.name" .) }}
{{- end }}

{{- define "upkeep.selector" -}}
app.kubernetes.io/name: upkeep
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "upkeep.labels" -}}
{{ include "upkeep.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The namespaces with workloads that are kept, and the release's own: a map as JSON, namespace → agent → its [installer]. */}}
{{- define "upkeep.spaces" -}}
{{- $spaces := dict .Release.Namespace (dict) }}
{{- range $name, $agent := .Values.agents }}
{{- $space := $agent.installer.namespace | default $.Release.Namespace }}
{{- $_ := set $spaces $space (merge (dict $name $agent.installer) (get $spaces $space | default dict)) }}
{{- end }}
{{- toJson $spaces }}
{{- end }}
