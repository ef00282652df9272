// Settings of the resolver: those of strongSwan's resolve plugin.
namespace Cygnet.Linux;

/// <summary>Where name servers are written to.</summary>
public sealed record ResolverOptions
{
    public string File { get; init; } = "/etc/resolv.conf";

    /// <summary>If this program exists, it is asked instead of writing to the file.</summary>
    public string Resolvconf { get; init; } = "/sbin/resolvconf";

    /// <summary>Before the address of the server: the name under which resolvconf keeps it.</summary>
    public string InterfacePrefix { get; init; } = "lo.inet.ipsec.";
}
