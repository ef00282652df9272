// TCP through a tunnel that rekeys all the while, each way of authentication, Cygnet in either role.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

/// <summary>Sixty seconds, 200 MB, five rekeyings of each kind of SA, and a clean end from either side.</summary>
public abstract class TransferScenes(string auth)
{
    const long Bytes = 205_000_000;
    static readonly TimeSpan Duration = TimeSpan.FromSeconds(62);

    // Rekeyed after 9 and 8 seconds, margintime before the end of its life. The margin is generous and retransmission
    // prompt, since a busy machine drops datagrams, and an SA that dies of age is not what is tried here.
    static readonly string[] ShortLives = ["ikelifetime=29s", "lifetime=28s", "margintime=20s", "rekeyfuzz=0%"];
    const string PromptRetransmission = "retransmit_timeout = 1.0";

    [Fact, Trait("Category", "long")]
    public void Cygnet_initiates() => Play("initiates", Subject.Product, Product.StrongSwan);

    [Fact, Trait("Category", "long")]
    public void StrongSwan_initiates() => Play("responds", Product.StrongSwan, Subject.Product);

    // moon initiates and rekeys; the octets flow from sun, so that both directions carry more than acknowledgements of one role.
    void Play(string role, Product moon, Product sun)
    {
        using var pair = new Pair($"{auth}-{role}", moon, sun);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = auth, Moon = ShortLives }.Write(pair);
            pair.Moon.Settings(PromptRetransmission);
            pair.Sun.Settings(PromptRetransmission);
            pair.Start();

            pair.Moon.Up("net-net").ShouldSucceed().ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Sun.Ping("10.2.0.1", "10.1.0.1").ShouldSucceed();

            RekeyWatch moonWatch = new(pair.Moon), sunWatch = new(pair.Sun);
            var transfer = new TcpTransfer(pair.Sun.Host, "10.2.0.1", pair.Moon.Host, "10.1.0.1", Bytes, Duration);
            while (!transfer.HasEnded)
            {
                moonWatch.Look();
                sunWatch.Look();
                Thread.Sleep(500);
            }
            transfer.ShouldArriveWhole();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 10_000);
            moonWatch.ShouldHaveSeen(5);
            sunWatch.ShouldHaveSeen(5);

            moonWatch.WaitForQuiet();
            pair.Moon.Down("net-net").ShouldSucceed().ShouldSay("closed successfully");
            pair.ShouldBeClean();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Sun.Down("net-net").ShouldSucceed().ShouldSay("closed successfully");
            pair.ShouldBeClean();
            pair.Wire.ShouldContainOnlyEspAndIke();
        });
    }
}

public sealed class PskTransfer() : TransferScenes("psk");

public sealed class RsaTransfer() : TransferScenes("rsa");

public sealed class EcdsaTransfer() : TransferScenes("ecdsa");

public sealed class Ed25519Transfer() : TransferScenes("ed25519");
