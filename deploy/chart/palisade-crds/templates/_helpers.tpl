{{- define "palisade-crds.labels" -}}
app.kubernetes.io/name: palisade-crds
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* With a definition go all objects of the kind, and with them their perimeters: nothing that tidies up may take one. */}}
{{- define "palisade-crds.keep" -}}
helm.sh/resource-policy: keep
argocd.argoproj.io/sync-options: Prune=false,Delete=false
kustomize.toolkit.fluxcd.io/prune: disabled
{{- end }}

{{/* What comes before the definitions, in the order of this weight, and goes once it has succeeded. A Job that failed stays: its log has the reason. */}}
{{- define "palisade-crds.before" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/* The same of the Job's rights, which go in either case. */}}
{{- define "palisade-crds.rights" -}}
{{ include "palisade-crds.before" . }},hook-failed
{{- end }}

{{- define "palisade-crds.image" -}}
{{- $image := .Values.check.image }}
{{- if $image.digest }}{{ $image.repository }}@{{ $image.digest }}{{ else }}{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}
