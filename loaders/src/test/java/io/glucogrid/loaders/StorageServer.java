package io.glucogrid.loaders;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/**
 * A real HDFS (name node and data node) or a real S3 server in a JVM of its own with a class path of its own, started by the
 * first test that wants one and killed with this JVM. {@code HADOOP_CONF_DIR} tells clients of it, as an operator would.
 */
final class StorageServer {
    static final String BUCKET = "tier";

    private static final Duration START = Duration.ofSeconds(90);

    private StorageServer() {}

    /** {@code hdfs://127.0.0.1:PORT} or {@code s3a://tier}, once it answers. */
    static synchronized String root(String scheme) {
        return Started.ROOTS.computeIfAbsent(scheme, StorageServer::start);
    }

    private static String start(String scheme) {
        try {
            Path folder = Files.createTempDirectory("storage-" + scheme);
            return scheme.equals("hdfs") ? hdfs(folder) : s3(folder);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String hdfs(Path folder) throws IOException {
        Path details = folder.resolve("details.json");
        Process server = run(
                folder,
                List.of(
                        "-Dhdfs.minidfs.basedir=" + folder.resolve("dfs"),
                        "org.apache.hadoop.test.MiniDFSClusterManager",
                        "-format",
                        "-datanodes",
                        "1",
                        "-nnport",
                        "0",
                        "-writeDetails",
                        details.toString()));
        await(server, folder, () -> Files.exists(details) && details.toFile().length() > 0);
        configure("fs.defaultFS", "file:///"); // one data node; everything else is found through the address
        return "hdfs://127.0.0.1:"
                + new ObjectMapper()
                        .readTree(details.toFile())
                        .get("namenode_port")
                        .asInt();
    }

    private static String s3(Path folder) throws IOException {
        int port = freePort();
        String endpoint = "http://127.0.0.1:" + port;
        Files.createDirectories(folder.resolve("data").resolve(BUCKET));
        Path settings = Files.write(
                folder.resolve("s3proxy.conf"),
                List.of(
                        "s3proxy.endpoint=" + endpoint,
                        "s3proxy.authorization=aws-v2-or-v4",
                        "s3proxy.identity=someone",
                        "s3proxy.credential=a-secret",
                        "jclouds.provider=filesystem-nio2",
                        "jclouds.identity=none",
                        "jclouds.credential=none",
                        "jclouds.filesystem.basedir=" + folder.resolve("data")));
        Path logging = Files.writeString(
                folder.resolve("logback.xml"), "<configuration><root level=\"off\"/></configuration>");
        Process server = run(
                folder,
                List.of(
                        "-Dlogback.configurationFile=" + logging,
                        "org.gaul.s3proxy.Main",
                        "--properties",
                        settings.toString()));
        await(server, folder, () -> answers(port));
        configure(
                "fs.s3a.endpoint", endpoint,
                "fs.s3a.endpoint.region", "us-east-1",
                "fs.s3a.path.style.access", "true",
                "fs.s3a.connection.ssl.enabled", "false",
                "fs.s3a.bucket.tier.access.key", "someone",
                "fs.s3a.bucket.tier.secret.key", "a-secret");
        return "s3a://" + BUCKET;
    }

    /** The JVM is stopped with this one. */
    private static Process run(Path folder, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-Djava.net.preferIPv4Stack=true"));
        command.addAll(List.of("-cp", System.getProperty("glucogrid.server") + File.separator + "*"));
        command.addAll(arguments);
        Process server = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log.txt").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.destroyForcibly();
            try {
                server.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
            remove(folder.toFile());
        }));
        return server;
    }

    private static void remove(File file) {
        File[] files = file.listFiles();
        for (File inside : files == null ? new File[0] : files) {
            remove(inside);
        }
        file.delete();
    }

    private static void await(Process server, Path folder, BooleanSupplier ready) throws IOException {
        Awaitility.await().atMost(START).until(() -> ready.getAsBoolean() || !server.isAlive());
        if (!server.isAlive()) {
            throw new IOException("the server did not start: " + Files.readString(folder.resolve("log.txt")));
        }
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void configure(String... settings) throws IOException {
        Path folder = Path.of(System.getenv(HadoopSettings.FOLDER));
        Files.createDirectories(folder);
        StringBuilder xml = new StringBuilder("<configuration>");
        for (int i = 0; i < settings.length; i += 2) {
            xml.append("<property><name>").append(settings[i]);
            xml.append("</name><value>").append(settings[i + 1]).append("</value></property>");
        }
        Files.writeString(folder.resolve("core-site.xml"), xml.append("</configuration>"));
    }

    /** Servers of this JVM by scheme. */
    private static final class Started {
        private static final java.util.Map<String, String> ROOTS = new java.util.HashMap<>();
    }
}
