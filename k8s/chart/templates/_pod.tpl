{{/* SPDX-License-Identifier: Apache-2.0
The container and its volumes: for the chart's own Deployment, and for the pod of an agent whose sidecar it is. A chart that has this one
as a dependency includes them with its .Subcharts.upkeep. */}}

{{- define "upkeep.container" -}}
name: upkeep
{{- $repository := required "image.repository: where you have put the image" .Values.image.repository }}
image: "{{ $repository }}{{ with .Values.image.digest }}@{{ . }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
ports:
  - name: metrics
    containerPort: {{ splitList ":" .Values.listen | last }}
env:
  - {name: UPKEEP_POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
{{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.livenessProbe }}
livenessProbe: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.readinessProbe }}
readinessProbe: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.resources }}
resources: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- toYaml .Values.securityContext | nindent 2 }}
volumeMounts:
  - {name: upkeep-config, mountPath: /etc/upkeep, readOnly: true}
  - {name: upkeep-run, mountPath: /run/upkeep}
  - {name: upkeep-state, mountPath: /var/lib/upkeep}
{{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "upkeep.volumes" -}}
- name: upkeep-config
  projected:
    defaultMode: 0444
    sources:
      - configMap:
          name: "{{ include "upkeep.name" . }}-config"
          items:
            - {key: upkeep.toml, path: upkeep.toml}
            {{- range $name, $_ := .Values.agents }}
            - {key: "agent.{{ $name }}", path: "agents.d/{{ $name }}.toml"}
            {{- end }}
            {{- range $name, $_ := .Values.keys }}
            - {key: "key.{{ $name }}", path: "keys/{{ $name }}"}
            {{- end }}
      {{- with .Values.dockerConfigSecret }}
      - secret:
          name: {{ . | quote }}
          items: [{key: .dockerconfigjson, path: docker/config.json}]
      {{- end }}
      {{- range .Values.files }}
      - {{ ternary "secret" "configMap" (hasKey . "secret") }}:
          name: {{ .secret | default .configMap | quote }}
          items:
            {{- range $key, $path := .items }}
            - {key: {{ $key | quote }}, path: {{ $path | quote }}}
            {{- end }}
      {{- end }}
- {name: upkeep-run, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
- {name: upkeep-state, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
