{{/*
All names are fixed. A second release in the same cluster would write the same AWS resources as the first: Helm refuses it, for the
names of what belongs to the whole cluster are taken.
*/}}

{{- define "palisade.selectorLabels" -}}
app.kubernetes.io/name: palisade
{{- end }}

{{- define "palisade.labels" -}}
{{ include "palisade.selectorLabels" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "palisade.image" -}}
{{- $image := .Values.image }}
{{- $repository := required "image.repository is needed from a checkout: build an image and name where it lies (docs/install.md, \"The image\")" $image.repository }}
{{- if $image.digest }}{{ $repository }}@{{ $image.digest }}{{ else }}{{ $repository }}:{{ $image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The port of an address such as 0.0.0.0:8080; nothing where it is off. */}}
{{- define "palisade.metricsPort" -}}
{{ .Values.controller.metricsAddr | default "0.0.0.0:8080" | regexFind "[0-9]+$" }}
{{- end }}

{{- define "palisade.healthPort" -}}
{{ .Values.controller.healthAddr | default "0.0.0.0:8081" | regexFind "[0-9]+$" }}
{{- end }}

{{/* "true" where replicas elect a leader. */}}
{{- define "palisade.elects" -}}
{{ ne (toString .Values.controller.leaderElect) "false" }}
{{- end }}

{{/* Options as environment variables, a line of JSON each, by the options' own names: deepResync is PALISADE_DEEP_RESYNC. */}}
{{- define "palisade.options" -}}
{{- range $option, $value := .Values.controller }}
{{- if kindIs "map" $value }}
{{- $pairs := list }}
{{- range $name, $part := $value }}{{ $pairs = append $pairs (printf "%s=%s" $name $part) }}{{ end }}
{{- $value = join "," $pairs }}
{{- end }}
{{- if not (or (kindIs "invalid" $value) (eq (toString $value) "")) }}
- name: PALISADE_{{ $option | snakecase | upper }}
  value: {{ toString $value | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* How a ServiceMonitor and a PodMonitor scrape. */}}
{{- define "palisade.endpoint" -}}
port: metrics
{{- with .interval }}
interval: {{ . }}
{{- end }}
{{- with .scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- with .relabelings }}
relabelings:
{{ toYaml . }}
{{- end }}
{{- with .metricRelabelings }}
metricRelabelings:
{{ toYaml . }}
{{- end }}
{{- end }}
