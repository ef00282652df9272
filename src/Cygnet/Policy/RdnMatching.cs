// How a configured distinguished name is compared with another one. strongswan.conf, rdn_matching.
namespace Cygnet.Policy;

/// <summary>In all three a value of * fits any.</summary>
public enum RdnMatching
{
    /// <summary>The same attributes in the same order.</summary>
    Strict,

    /// <summary>The same attributes in any order.</summary>
    Reordered,

    /// <summary>In any order, and the other name may have more.</summary>
    Relaxed,
}
