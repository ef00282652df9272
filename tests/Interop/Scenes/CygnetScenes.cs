// Cygnet at both ends: raw ESP where nothing translates addresses, and both rekeying at once.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class CygnetScenes
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Raw_ESP_when_there_is_no_NAT(bool isOuterV6)
    {
        using var pair = new Pair($"cygnet-raw{(isOuterV6 ? 6 : 4)}", Product.Cygnet, Product.Cygnet);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "ed25519", IsOuterV6 = isOuterV6 }.Write(pair);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            new TcpTransfer(pair.Moon.Host, "10.1.0.1", pair.Sun.Host, "10.2.0.1", 50_000_000, TimeSpan.Zero).ShouldArriveWhole();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 100);
            Assert.Equal(0, pair.Wire.EspInUdp);
            pair.Sun.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
        });
    }

    [Fact]
    public void ESP_in_UDP_when_it_is_asked_for()
    {
        using var pair = new Pair("cygnet-udp", Product.Cygnet, Product.Cygnet);
        pair.Bed.Play(() =>
        {
            new Setup { Both = ["ike=aes256gcm16-prfsha384-ecp384!", "esp=chacha20poly1305-x448!", "forceencaps=yes"] }.Write(pair);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            new TcpTransfer(pair.Sun.Host, "10.2.0.1", pair.Moon.Host, "10.1.0.1", 50_000_000, TimeSpan.Zero).ShouldArriveWhole();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 100);
            Assert.Equal(0, pair.Wire.Esp);
        });
    }

    [Fact, Trait("Category", "long")]
    public void Both_rekey_at_once()
    {
        using var pair = new Pair("cygnet-collisions", Product.Cygnet, Product.Cygnet);
        pair.Bed.Play(() =>
        {
            new Setup { Both = ["ike=aes128-sha256-x25519!", "esp=aes128gcm16-x25519!", "ikelifetime=23s", "lifetime=22s", "margintime=20s", "rekeyfuzz=0%"] }.Write(pair);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            RekeyWatch watch = new(pair.Moon);
            var transfer = new TcpTransfer(pair.Sun.Host, "10.2.0.1", pair.Moon.Host, "10.1.0.1", 60_000_000, TimeSpan.FromSeconds(30));
            while (!transfer.HasEnded)
            {
                watch.Look();
                Thread.Sleep(300);
            }
            transfer.ShouldArriveWhole();
            watch.ShouldHaveSeen(8);
            Wait.Until("one SA of each kind is left", () => pair.Moon.Sas() is { Ike.Count: 1, Children.Count: 1 } && pair.Sun.Sas() is { Ike.Count: 1, Children.Count: 1 });
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 1000);
            pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
        });
    }
}
