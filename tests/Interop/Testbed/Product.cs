// Which IPsec system a gateway runs.
namespace Cygnet.Interop.Testbed;

/// <summary>An IPsec system that the bed can run.</summary>
public enum Product
{
    /// <summary>This project, from an installed tree.</summary>
    Cygnet,

    /// <summary>Debian's strongSwan with its ESP in user space (kernel-libipsec).</summary>
    StrongSwan,

    /// <summary>Debian's strongSwan with the kernel's ESP; needs a kernel that has one.</summary>
    StrongSwanKernel,
}
