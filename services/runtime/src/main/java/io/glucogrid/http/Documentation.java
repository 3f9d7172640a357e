package io.glucogrid.http;

import io.glucogrid.json.Yaml;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * {@code /openapi.json}, written by hand in {@code openapi.yaml}, and {@code /docs}, which shows it with the Swagger UI that the
 * distribution carries: a browser needs no other host, and is told to ask none.
 */
final class Documentation {
    private static final String DEFINITION = "openapi.yaml";
    private static final String VERSION = "/META-INF/maven/org.webjars/swagger-ui/pom.properties";
    private static final String FILES = "/META-INF/resources/webjars/swagger-ui/";
    private static final String HTML = "text/html; charset=utf-8";

    /** Swagger UI writes style attributes; everything else comes from this server. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
            + "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final Map<String, String> TYPES = Map.of(
            "swagger-ui.css", "text/css; charset=utf-8",
            "swagger-ui-bundle.js", "text/javascript; charset=utf-8",
            "favicon-32x32.png", "image/png");

    private static final String PAGE =
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <title>GlucoGrid API</title>
              <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
              <link rel="stylesheet" href="/docs/swagger-ui.css">
            </head>
            <body>
              <div id="api"></div>
              <noscript>The API is described in <a href="/openapi.json">/openapi.json</a>.</noscript>
              <script src="/docs/swagger-ui-bundle.js"></script>
              <script src="/docs/start.js"></script>
            </body>
            </html>
            """;

    private static final String START =
            "SwaggerUIBundle({url: '/openapi.json', dom_id: '#api', deepLinking: true," + " validatorUrl: null});\n";

    private final byte[] openApi;
    private final String version;

    private Documentation(byte[] openApi, String version) {
        this.openApi = openApi;
        this.version = version;
    }

    /** Reads what the documentation is made of from the class path. */
    static Documentation load() {
        Properties swagger = new Properties();
        try (InputStream in = Documentation.class.getResourceAsStream(VERSION)) {
            if (in != null) {
                swagger.load(in);
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        byte[] definition = bytes(DEFINITION);
        if (definition == null) {
            throw new IllegalStateException("the distribution has no " + DEFINITION);
        }
        return new Documentation(Yaml.toJson(definition), swagger.getProperty("version", ""));
    }

    Reply definition() {
        return new Reply(200, Reply.JSON, openApi, Map.of());
    }

    Reply page() {
        return new Reply(
                200,
                HTML,
                PAGE.getBytes(StandardCharsets.UTF_8),
                Map.of("Content-Security-Policy", POLICY, "X-Content-Type-Options", "nosniff"));
    }

    /** A file of the page. */
    Reply file(Call call) {
        String name = call.parameters().getOrDefault("file", "");
        if (name.equals("start.js")) {
            return file("text/javascript; charset=utf-8", START.getBytes(StandardCharsets.UTF_8));
        }
        String type = TYPES.get(name);
        byte[] content = type == null ? null : bytes(FILES + version + "/" + name);
        return type == null || content == null ? Reply.detail(404, "Not Found") : file(type, content);
    }

    private static Reply file(String type, byte[] content) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Cache-Control", "max-age=3600");
        headers.put("X-Content-Type-Options", "nosniff");
        return new Reply(200, type, content, headers);
    }

    private static byte @Nullable [] bytes(String resource) {
        try (InputStream in = Documentation.class.getResourceAsStream(resource)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
