namespace Tributary.Config;

/// <summary>What the reference says before its tables. The example in it is validated by a test.</summary>
internal static class ReferenceProse
{
    public const string Head = """
        # Configuration

        This page is written from the schema that validates; a test keeps the two equal.

        Without any file Tributary runs on defaults. What differs from them stands in `tributary.yaml`, in documents of the
        same form as the cluster's resources:

        ```yaml
        apiVersion: tributary.io/v1alpha1
        kind: Node
        spec:
          bus: ${TRIBUTARY_BUS:-embedded}
          state: ./var/state
          collect: all
          batch: {maxBytes: 1MiB, maxAge: 1s, compression: zstd}
        ---
        apiVersion: tributary.io/v1alpha1
        kind: LogOutput
        metadata: {name: default}
        spec: {type: file, path: ./var/logs}
        ---
        apiVersion: tributary.io/v1alpha1
        kind: LogConfig
        metadata: {name: tomcat, namespace: shop}
        spec:
          selector:
            container: tomcat-.*
            containerLabels: {app.example.com/tier: web}
          sources:
            - stdout: {streams: [stdout, stderr]}
          target: catalina
          outputs: [default]
        ```

        Check files with `tributary validate FILE…`. Every error of every file is listed at once, and with any error nothing
        is started:

        ```
        tributary.yaml:7:3: spec.colect: unknown field "colect"; did you mean "collect"?
        ```

        ## Rules for all documents

        - A file holds documents separated by `---`, in UTF-8, at most 1 MiB. Several files are read as one. Each document has
          `apiVersion: tributary.io/v1alpha1`, a `kind` of those below, `spec`, and mostly `metadata`.
        - Namespace and name are unique for a kind; there is at most one Node.
        - An unknown field, a field written twice, an alias (`*name`) and a tag (`!!str`) are errors, as is nesting beyond 32
          levels. A field without a value counts as not written.
        - **duration**: a whole number and one of `ms`, `s`, `m`, `h`: `250ms`, `10s`.
        - **bytes**: a whole number, with `KiB`, `MiB`, `GiB` (1024) or `KB`, `MB`, `GB` (1000) or no unit: `64MiB`, `65536`.
        - **text**: numbers and `true`, `false` are not text without quotes: write `"123"`.
        - A relative path is relative to the folder in which Tributary was started.
        - **environment**: `${NAME}` in a value stands for the environment variable, `${NAME:-default}` for the default where it
          is not set or empty; `$${` is a literal `${`. A variable that is not set is an error. What a variable holds is never
          printed, and neither is a password in a URI.

        """;
}
