{{/* The deployment of a process: root, component, command, secrets (values' name to variable). */}}
{{- define "relaybook.deployment" -}}
{{- $values := index .root.Values .component -}}
{{- $name := printf "%s-%s" (include "relaybook.name" .root) .component -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  labels: {{- include "relaybook.labels" . | nindent 4 }}
spec:
  replicas: {{ $values.replicas }}
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
  selector:
    matchLabels: {{- include "relaybook.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "relaybook.labels" . | nindent 8 }}
      {{- with $values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      # The pause before SIGTERM, and the five seconds in which running work ends.
      terminationGracePeriodSeconds: 30
      securityContext: {{- include "relaybook.podSecurity" . | nindent 8 }}
      {{- with .root.Values.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "relaybook.selector" . | nindent 14 }}
      containers:
        - name: {{ .component }}
          image: {{ include "relaybook.image" .root }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          command: {{- toYaml .command | nindent 12 }}
          env: {{- include "relaybook.env" . | nindent 12 }}
          {{- if eq .component "api" }}
          ports:
            - {name: http, containerPort: 8587}
          startupProbe:
            httpGet: {path: /livez, port: http}
            periodSeconds: 2
            failureThreshold: 60
          livenessProbe:
            httpGet: {path: /livez, port: http}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: {path: /readyz, port: http}
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          lifecycle:
            # Until every node has heard that this pod is leaving, it goes on serving.
            preStop: {exec: {command: [sleep, "5"]}}
          {{- else if .root.Values.monitoring.enabled }}
          ports:
            - {name: metrics, containerPort: 9587}
          {{- end }}
          resources: {{- toYaml $values.resources | nindent 12 }}
          securityContext: {{- include "relaybook.containerSecurity" . | nindent 12 }}
          volumeMounts:
            - {name: secrets, mountPath: /run/secrets/relaybook, readOnly: true}
            - {name: tmp, mountPath: /tmp}
            {{- if and (eq .component "relay") $values.checkpointClaim }}
            - {name: checkpoint, mountPath: /var/lib/relaybook}
            {{- end }}
      volumes:
        {{- include "relaybook.secrets" . | nindent 8 }}
        - name: tmp
          emptyDir: {sizeLimit: {{ $values.tmpSize }}}
        {{- if and (eq .component "relay") $values.checkpointClaim }}
        - name: checkpoint
          persistentVolumeClaim: {claimName: {{ $values.checkpointClaim }}}
        {{- end }}
      {{- with $values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  labels: {{- include "relaybook.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "relaybook.selector" . | nindent 6 }}
{{- end }}

{{/* What API and relay read from files. */}}
{{- define "relaybook.serviceSecrets" -}}
database: RELAYBOOK_DATABASE_URL_FILE
broker: RELAYBOOK_BROKER_URL_FILE
masterKey: RELAYBOOK_MASTER_KEY_FILE
oidcClient: RELAYBOOK_OIDC_CLIENT_SECRET_FILE
defaults: RELAYBOOK_DEFAULTS_FILE
ca: RELAYBOOK_CA_FILE
{{- end }}
