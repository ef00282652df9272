// Disks that are full, files that cannot be read or are cut short: tunnels stay, and what could not be done is done when it can.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

[Trait("Category", "interop")]
public sealed class DiskScenes
{
    const string Fill = "head -c 1M /dev/zero >/mnt/ballast 2>/dev/null; true";

    [Fact]
    public void A_log_on_a_full_disk_goes_on_when_there_is_room()
    {
        using var pair = new Pair("log-full", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { }.Write(pair);
            pair.Moon.Host.Shell("mount -t tmpfs -o size=64k tmpfs /mnt").ShouldSucceed();
            pair.Moon.Settings("filelog {\n small {\n path = /mnt/charon.log\n time_format = %b %e %T\n default = 2\n flush_line = yes\n }\n }");
            pair.Start();
            pair.Moon.Host.Shell(Fill);
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            const string failed = "writing to /mnt/charon.log failed: No space left on device";
            // The first lines may still fit into the file's last block.
            Wait.Until("the disk is full", () =>
            {
                pair.Moon.Host.Run("swanctl", "--rekey", "--child", "net-net");
                return pair.Moon.Log.Contains(failed);
            }, 60);
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            Assert.Equal(2, pair.Moon.Log.Split(failed).Length);

            pair.Moon.Host.Shell("rm /mnt/ballast").ShouldSucceed();
            pair.Moon.Host.Run("swanctl", "--rekey", "--child", "net-net").ShouldSucceed();
            pair.Moon.ShouldHaveLogged("writing to /mnt/charon.log works again, ", 20);
            Wait.Until("the log goes on", () => Small().Contains("log lines are lost"));
            // No line is a part of two.
            Assert.All(Small().Split('\n', StringSplitOptions.RemoveEmptyEntries).SkipLast(1), l => Assert.Matches(@"^(\w{3} [ \d]\d \d\d:\d\d:\d\d \d\d\[\w{3}\] .*|.{0,200})$", l));

            // Who empties the file makes room too: no hole stays in front.
            pair.Moon.Host.Shell(": >/mnt/charon.log").ShouldSucceed();
            pair.Moon.Host.Run("swanctl", "--rekey", "--child", "net-net").ShouldSucceed();
            Wait.Until("the emptied log goes on", () => Small().Contains("CHILD_SA"));
            Assert.DoesNotContain('\0', Small());
            pair.Moon.Down("net-net");
            pair.ShouldBeClean();
        });

        string Small() => pair.Moon.Host.Shell("cat /mnt/charon.log").Output;
    }

    [Fact]
    public void Files_that_cannot_be_read_or_are_half_written_change_nothing()
    {
        using var pair = new Pair("unreadable", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "ecdsa" }.Write(pair);
            pair.Start();
            string[] files = ["ipsec.conf", "ipsec.secrets"];
            var whole = files.ToDictionary(f => f, f => File.ReadAllText(pair.Moon.PathOf(f)));
            // root reads everything: who must not lacks the right to pass over modes
            string[] barred = ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"];
            Works();

            pair.Moon.Host.Shell("chmod 000 $(ipsec --confdir)/ipsec.secrets").ShouldSucceed();
            pair.Moon.Host.Run([.. barred, "ipsec", "rereadsecrets"]).ShouldSay("the secrets that were loaded before stay");
            pair.Moon.Host.Shell("chmod 600 $(ipsec --confdir)/ipsec.secrets").ShouldSucceed();
            Works();

            foreach (var folder in (string[])["cacerts", "ocspcerts", "crls", "aacerts", "acerts"])
            {
                pair.Moon.Host.Shell($"chmod 000 $(ipsec --confdir)/ipsec.d/{folder}").ShouldSucceed();
                pair.Moon.Host.Run([.. barred, "ipsec", $"reread{folder}"]).ShouldSay("those that were loaded before stay");
                pair.Moon.Host.Shell($"chmod 755 $(ipsec --confdir)/ipsec.d/{folder}").ShouldSucceed();
            }
            Works();

            // An editor that was stopped, a copy over a line that broke: cut in the middle of a line.
            foreach (var file in files)
            {
                var text = whole[file];
                pair.Moon.Write(file, text[..(text.LastIndexOf(file == "ipsec.conf" ? "rightsubnet" : "pem", StringComparison.Ordinal) + 2)]);
                pair.Moon.Host.Run("ipsec", file == "ipsec.conf" ? "update" : "rereadsecrets");
                Works();
                pair.Moon.Write(file, text);
            }
            pair.Moon.Host.Run("ipsec", "update").ShouldSucceed();
            Works();
            pair.ShouldBeClean();
        });

        void Works()
        {
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
        }
    }
}
