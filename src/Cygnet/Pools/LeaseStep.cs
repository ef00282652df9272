// The order in which an address is looked for. ipsec.conf(5), rightsourceip.
namespace Cygnet.Pools;

/// <summary>How hard to try: all pools of a connection are gone through with one step before the next.</summary>
public enum LeaseStep
{
    /// <summary>The very address that was asked for: the owner's own, or one that nobody has had.</summary>
    Wanted,

    /// <summary>Any that the owner had before.</summary>
    Existing,

    /// <summary>One that nobody has had.</summary>
    New,

    /// <summary>One that somebody else had, the longest released first.</summary>
    Reassigned,
}
