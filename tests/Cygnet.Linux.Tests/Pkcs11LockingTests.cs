// What a PKCS#11 library is told of threads when it is initialized. OASIS PKCS #11 2.40, 5.4 C_Initialize.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cygnet.Linux.Pkcs11;

namespace Cygnet.Linux.Tests;

public sealed unsafe class Pkcs11LockingTests
{
    const nuint NotTold = 99;

    static readonly List<nuint> s_flags = [];
    static bool s_canLock;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static nuint Initialize(CkInitializeArguments* arguments)
    {
        s_flags.Add(arguments is null ? NotTold : arguments->Flags);
        return s_canLock || arguments is null ? Ck.Ok : Ck.CannotLock;
    }

    [Theory]
    [InlineData(false, true, new[] { 99 })]
    [InlineData(true, true, new[] { 2 })]
    [InlineData(true, false, new[] { 2, 99 })]
    public void A_library_is_to_lock_as_the_system_does_if_os_locking_says_so(bool osLocking, bool canLock, int[] flags)
    {
        (s_canLock, _) = (canLock, s_flags.RemoveAll(_ => true));
        var functions = new CkFunctions { Initialize = (delegate* unmanaged<CkInitializeArguments*, nuint>)(delegate* unmanaged[Cdecl]<CkInitializeArguments*, nuint>)&Initialize };
        Assert.Equal(Ck.Ok, Pkcs11Module.Initialize(&functions, osLocking));
        Assert.Equal(flags, s_flags.Select(f => (int)f));
    }
}
