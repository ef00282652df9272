// Raw ESP between Cygnet's user-space plane and a kernel's ESP, under a User-Mode Linux kernel that has one.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class KernelScenes
{
    [Fact, Trait("Category", "long")]
    public void Raw_ESP_against_the_kernel_over_IPv4_and_IPv6()
    {
        List<string> words = ["env", "KERNEL_VM_SECONDS=400"];
        if (Subject.Product == Product.Cygnet)
            words.Add($"CYGNET_PREFIX={InstalledTree.Prefix}");
        words.AddRange(["bash", Path.Combine(AppContext.BaseDirectory, "KernelVm", "kernel-vm"),
            "dotnet", Path.Combine(AppContext.BaseDirectory, "Interop.dll"), "kernel-esp"]);
        Command.Run(TimeSpan.FromSeconds(430), null, [.. words]).ShouldSucceed()
            .ShouldSay("IPv4, initiating: passed", "IPv4, responding: passed", "IPv6, initiating: passed", "IPv6, responding: passed");
    }

    /// <summary>The scene itself, inside the guest.</summary>
    internal static void PlayInside()
    {
        var subject = Subject.Product == Product.StrongSwan ? Product.StrongSwanKernel : Subject.Product;
        foreach (var isV6 in (ReadOnlySpan<bool>)[false, true])
            foreach (var isInitiator in (ReadOnlySpan<bool>)[true, false])
            {
                using var pair = new Pair($"kernel-{(isV6 ? 6 : 4)}", isInitiator ? subject : Product.StrongSwanKernel, isInitiator ? Product.StrongSwanKernel : subject);
                pair.Bed.Play(() => Play(pair, isV6));
                Console.WriteLine($"IPv{(isV6 ? 6 : 4)}, {(isInitiator ? "initiating" : "responding")}: passed; {pair.Wire}");
            }
    }

    static void Play(Pair pair, bool isV6)
    {
        var (moon, sun) = isV6 ? ("fd01::1", "fd02::1") : ("10.1.0.1", "10.2.0.1");
        new Setup { IsOuterV6 = isV6, MoonNet = isV6 ? "fd01::/64" : "10.1.0.0/24", SunNet = isV6 ? "fd02::/64" : "10.2.0.0/24" }.Write(pair);
        pair.Start();
        pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
        if (pair.Sun.Sas().Children is not [{ IsUdp: false }])
            throw new BedFailure($"raw ESP was expected:\n{pair.Sun.Status().Output}");
        pair.Moon.Ping(moon, sun).ShouldSucceed();
        pair.Sun.Ping(sun, moon).ShouldSucceed();
        new TcpTransfer(pair.Moon.Host, moon, pair.Sun.Host, sun, 10_000_000, TimeSpan.Zero).ShouldArriveWhole();
        new TcpTransfer(pair.Sun.Host, sun, pair.Moon.Host, moon, 10_000_000, TimeSpan.Zero).ShouldArriveWhole();
        pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 300);
        pair.Sun.Down("net-net").ShouldSay("closed successfully");
        pair.ShouldBeClean();
    }
}
