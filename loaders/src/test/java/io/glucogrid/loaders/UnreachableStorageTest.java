package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Storage that is not there, does not answer, or fails for a while. */
class UnreachableStorageTest {
    @TempDir
    private Path folder;

    private static void isRefused(URI root, Configuration settings, ErrorCode code, String... reasons) {
        assertThatThrownBy(() -> HadoopTier.open(root, settings))
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(code))
                .hasMessageContaining("offline tier " + root)
                .hasMessageContainingAll(reasons);
    }

    @Test
    @Timeout(30)
    void anHdfsThatNobodyRunsIsToldWithinItsTime() throws Exception {
        int port = StorageServer.freePort();
        isRefused(
                URI.create("hdfs://127.0.0.1:" + port + "/tier"),
                HadoopSettings.load(null),
                ErrorCode.STORAGE_UNAVAILABLE,
                "Connection refused");
    }

    @Test
    @Timeout(60)
    void anHdfsThatNeverAnswersIsToldWithinItsTime() throws Exception {
        Configuration settings = HadoopSettings.load(null);
        settings.set("ipc.client.rpc-timeout.ms", "300");
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            isRefused(
                    URI.create("hdfs://127.0.0.1:" + silent.getLocalPort() + "/tier"),
                    settings,
                    ErrorCode.STORAGE_UNAVAILABLE,
                    "imeout");
        }
    }

    @Test
    void anHdfsOfUnknownNameIsNamed() {
        isRefused(
                URI.create("hdfs://nobody.invalid:8020/tier"),
                HadoopSettings.load(null),
                ErrorCode.STORAGE_UNAVAILABLE,
                "nobody.invalid");
    }

    @Test
    void anS3TierWithoutItsClientSaysHowToGetIt() {
        Configuration settings = HadoopSettings.load(null);
        assumeTrue(
                settings.getClassByNameOrNull("org.apache.hadoop.fs.s3a.S3AFileSystem") == null,
                "the S3 client is on the class path");
        isRefused(URI.create("s3a://bucket/tier"), settings, ErrorCode.INVALID_CONFIG, "lib/s3", "-Ps3");
        isRefused(URI.create("s3a:/tier"), settings, ErrorCode.INVALID_CONFIG, "names no bucket");
    }

    @Test
    @Timeout(60)
    void anS3ThatNobodyRunsAndMissingCredentialsAreToldWithinTheirTime() throws Exception {
        Configuration settings = HadoopSettings.load(null);
        assumeTrue(
                settings.getClassByNameOrNull("org.apache.hadoop.fs.s3a.S3AFileSystem") != null,
                "the S3 client is not on the class path (-Pstorage)");
        settings.set("fs.s3a.endpoint", "http://127.0.0.1:" + StorageServer.freePort());
        settings.set("fs.s3a.endpoint.region", "us-east-1");
        settings.set("fs.s3a.path.style.access", "true");
        settings.set("fs.s3a.bucket.nobody.access.key", "someone");
        settings.set("fs.s3a.bucket.nobody.secret.key", "a-secret");
        isRefused(URI.create("s3a://nobody/tier"), settings, ErrorCode.STORAGE_UNAVAILABLE, "Connection refused");
        settings.set("fs.s3a.aws.credentials.provider", "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider");
        isRefused(
                URI.create("s3a://keyless/tier"),
                settings,
                ErrorCode.STORAGE_UNAVAILABLE,
                "no credentials; give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    }

    @Test
    void aFolderOfSettingsThatIsNotThereIsNamed() {
        String nowhere = folder.resolve("nowhere").toString();
        assertThatThrownBy(() -> HadoopSettings.load(nowhere))
                .hasMessageContaining("HADOOP_CONF_DIR names no folder: " + nowhere);
    }

    /** A file is left out for ever; a storage that does not answer comes back. */
    @Test
    void aReadThatFailsForTheStoragesSakeQuarantinesNothing() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            Tiers.append(store, Tiers.reading(1, 10, 10, 100));
        }
        for (int sound = 0; sound < 2; sound++) { // the check of the whole file fails, then the read of its footer
            FlakyTier flaky = new FlakyTier(TestTier.open(folder), sound);
            try (ParquetOfflineStore store = new ParquetOfflineStore(
                    flaky,
                    new LocalBoard(),
                    InstantSource.system(),
                    new SegmentWriter.CommitPolicy(1, Duration.ZERO, Duration.ofSeconds(5)))) {
                assertThatThrownBy(() -> Tiers.asOf(store, 1, 0, 100))
                        .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                                .isEqualTo(ErrorCode.STORAGE_UNAVAILABLE))
                        .hasMessageContaining("no answer");
                flaky.failing = false;
                HistoryRow row = Tiers.asOf(store, 1, 0, 100);
                assertThat(row.row().eventMicros()).isEqualTo(10);
                assertThat(store.problems()).isEmpty();
            }
        }
    }

    /** Opens its files, but after some that it serves it reads nothing of them while it fails. */
    private static final class FlakyTier extends TierDecorator {
        private final AtomicInteger sound;
        private volatile boolean failing = true;

        FlakyTier(TierStorage tier, int sound) {
            super(tier);
            this.sound = new AtomicInteger(sound + 1); // and one for the look at its end
        }

        @Override
        public InputFile input(String path) {
            InputFile file = super.input(path);
            return new InputFile() {
                @Override
                public long getLength() throws IOException {
                    return file.getLength();
                }

                @Override
                public SeekableInputStream newStream() throws IOException {
                    return !failing || sound.getAndDecrement() > 0 ? file.newStream() : new Silence();
                }
            };
        }
    }

    private static final class Silence extends DelegatingSeekableInputStream {
        Silence() {
            super(new InputStream() {
                @Override
                public int read() throws IOException {
                    throw new StorageException("no answer", new IOException("connection reset"));
                }
            });
        }

        @Override
        public long getPos() {
            return 0;
        }

        @Override
        public void seek(long position) {}
    }
}
