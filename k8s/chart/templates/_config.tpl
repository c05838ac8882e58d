{{/* SPDX-License-Identifier: Apache-2.0
The daemon's files below /etc/upkeep. */}}

{{- define "upkeep.daemonFile" -}}
{{- $journal := dict "use" "configmap" "name" (include "upkeep.journal" .) }}
{{- $own := dict "control" (dict "listen" .Values.listen) "state" $journal }}
{{- include "upkeep.toml" (dict "table" (mergeOverwrite $own (deepCopy .Values.config)) "path" "") | trim }}
{{- end }}

{{/* {root, agent}: an agent's file, with what every agent in a cluster has. */}}
{{- define "upkeep.agentFile" -}}
{{- $agent := deepCopy .agent }}
{{- $installer := merge $agent.installer (dict "use" "kubernetes") }}
{{- if .root.Values.dockerConfigSecret }}
{{- $_ := set $installer "verify" (merge ($installer.verify | default dict) (dict "docker_config" "/etc/upkeep/docker/config.json")) }}
{{- end }}
{{- include "upkeep.toml" (dict "table" $agent "path" "") | trim }}
{{- end }}
