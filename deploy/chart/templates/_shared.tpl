{{/* Names, labels and the parts that all pods have. */}}

{{- define "relaybook.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- define "relaybook.labels" -}}
app.kubernetes.io/name: relaybook
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "relaybook.selector" -}}
app.kubernetes.io/name: relaybook
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "relaybook.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Variables: those of all, of this process, and where its secrets are. */}}
{{- define "relaybook.env" -}}
{{- $own := dict -}}
{{- if eq .component "api" -}}
{{- $_ := set $own "RELAYBOOK_BIND" "0.0.0.0:8587" -}}
{{- end -}}
{{- if eq .component "tester" -}}
{{- $_ := set $own "RELAYBOOK_URL" (printf "http://%s-api:%v" (include "relaybook.name" .root) .root.Values.service.port) -}}
{{- end -}}
{{- if and (eq .component "relay") .root.Values.relay.checkpointClaim -}}
{{- $_ := set $own "RELAYBOOK_CHECKPOINT_FILE" "/var/lib/relaybook/log.checkpoint" -}}
{{- end -}}
{{- if and (has .component (list "relay" "tester")) .root.Values.monitoring.enabled -}}
{{- $_ := set $own "RELAYBOOK_METRICS_BIND" "0.0.0.0:9587" -}}
{{- end -}}
{{- $others := dict -}}
{{- if ne .component "migrate" -}}
{{- $others = (index .root.Values .component).env -}}
{{- end -}}
{{- range $name, $value := merge (dict) $others $own .root.Values.env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- range $secret, $variable := .secrets }}
{{- if (index $.root.Values.secrets $secret).name }}
- name: {{ $variable }}
  value: /run/secrets/relaybook/{{ $secret }}{{ if eq $secret "defaults" }}{{ ext (index $.root.Values.secrets $secret).key }}{{ end }}
{{- end }}
{{- end }}
{{- end }}

{{/* One volume with exactly the secrets of this process. */}}
{{- define "relaybook.secrets" -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range $secret, $variable := .secrets }}
      {{- $named := index $.root.Values.secrets $secret }}
      {{- if $named.name }}
      - secret:
          name: {{ $named.name }}
          items:
            - key: {{ $named.key }}
              path: {{ $secret }}{{ if eq $secret "defaults" }}{{ ext $named.key }}{{ end }}
      {{- end }}
      {{- end }}
{{- end }}

{{/* The way in for Prometheus. */}}
{{- define "relaybook.figures" -}}
{{- if .Values.monitoring.enabled -}}
ingress:
  - ports:
      - {protocol: TCP, port: metrics}
    {{- with .Values.monitoring.from }}
    from: {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end -}}
{{- end }}

{{- define "relaybook.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "relaybook.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
