package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.MultipartUploader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a writer that was killed in the middle of an upload leaves in the bucket, where it costs money and nobody sees it. */
@Tag("tier")
@Tag("storage")
class UnfinishedUploadTest {
    @TempDir
    private Path folder;

    @Test
    void oldPartsAreRemovedWhenATierIsOpenedAndYoungOnesStay() throws Exception {
        assumeTrue("s3a".equals(System.getProperty("glucogrid.storage")), "HDFS and disks have no uploads");
        URI tier = TestTier.address(folder);
        Configuration usual = HadoopSettings.load();
        assertThat(usual.getBoolean("fs.s3a.multipart.purge", true)).isFalse(); // others may upload to the bucket
        assertThat(usual.getTimeDuration("fs.s3a.multipart.purge.age", 0, TimeUnit.HOURS))
                .isEqualTo(24);
        startUpload(tier, usual);
        startUpload(tier, usual);

        assertThat(removed(tier, usual)).isEqualTo(2); // which the first client after them left alone

        startUpload(tier, usual);
        Configuration impatient = new Configuration(usual);
        impatient.set("fs.s3a.multipart.purge", "true");
        impatient.set("fs.s3a.multipart.purge.age", "0s");
        try (FileSystem opened = FileSystem.newInstance(tier, impatient)) {
            assertThat(opened.getScheme()).isEqualTo("s3a");
        }
        assertThat(removed(tier, usual)).isZero();
    }

    private static void startUpload(URI tier, Configuration settings) throws Exception {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(tier.toString(), "readings/half.parquet");
        try (FileSystem files = FileSystem.newInstance(tier, settings);
                MultipartUploader uploader = files.createMultipartUploader(path).build()) {
            uploader.startUpload(path).get(30, TimeUnit.SECONDS);
        }
    }

    /** Unfinished uploads that a client finds when it has been opened, and removes. */
    private static int removed(URI tier, Configuration settings) throws Exception {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(tier);
        try (FileSystem files = FileSystem.newInstance(tier, settings);
                MultipartUploader uploader = files.createMultipartUploader(path).build()) {
            return uploader.abortUploadsUnderPath(path).get(30, TimeUnit.SECONDS);
        }
    }
}
