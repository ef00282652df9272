// The product under test; BED_SUBJECT=strongswan puts the reference in its place, to test the scenes themselves.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

static class Subject
{
    public static readonly Product Product =
        Environment.GetEnvironmentVariable("BED_SUBJECT") == "strongswan" ? Product.StrongSwan : Product.Cygnet;
}
