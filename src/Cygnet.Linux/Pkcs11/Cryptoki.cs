// PKCS#11 as its C header has it: the numbers and structures that we need, in the layout of Unix. OASIS PKCS #11 2.40, pkcs11t.h and pkcs11f.h.
using System.Runtime.InteropServices;

namespace Cygnet.Linux.Pkcs11;

/// <summary>Constants of pkcs11t.h.</summary>
static class Ck
{
    public const nuint Ok = 0, CannotLock = 0xa, DeviceRemoved = 0x32, PinIncorrect = 0xa0, PinLocked = 0xa4, SessionClosed = 0xb0, SessionHandleInvalid = 0xb3, TokenNotPresent = 0xe0,
        TokenNotRecognized = 0xe1, UserAlreadyLoggedIn = 0x100, UserNotLoggedIn = 0x101, AlreadyInitialized = 0x191, BufferTooSmall = 0x150, KeyHandleInvalid = 0x60, ObjectHandleInvalid = 0x82, GeneralError = 5,
        DeviceError = 0x30, SlotIdInvalid = 3;

    public const nuint Certificate = 1, PublicKey = 2, PrivateKey = 3;

    public const nuint Class = 0, Value = 0x11, KeyType = 0x100, Id = 0x102, Modulus = 0x120, PublicExponent = 0x122, EcParameters = 0x180, EcPoint = 0x181, AlwaysAuthenticate = 0x202;

    public const nuint Rsa = 0, Ec = 3, EcEdwards = 0x40;

    public const nuint RsaPkcs = 1, RsaPkcsPss = 0xd, Ecdsa = 0x1041, EdDsa = 0x1057, Sha1 = 0x220, Sha256 = 0x250, Sha384 = 0x260, Sha512 = 0x270, Mgf1Sha256 = 2, Mgf1Sha384 = 3, Mgf1Sha512 = 4;

    public const nuint OsLocking = 2, SerialSession = 4, User = 1, ContextSpecific = 2, LoginRequired = 4, TokenInitialized = 0x400;

    /// <summary>The return values that operators meet, by their names.</summary>
    public static string Name(nuint value) => value switch
    {
        GeneralError => "GENERAL_ERROR",
        6 => "FUNCTION_FAILED",
        7 => "ARGUMENTS_BAD",
        DeviceError => "DEVICE_ERROR",
        0x31 => "DEVICE_MEMORY",
        DeviceRemoved => "DEVICE_REMOVED",
        0x54 => "FUNCTION_NOT_SUPPORTED",
        0x68 => "KEY_FUNCTION_NOT_PERMITTED",
        0x63 => "KEY_TYPE_INCONSISTENT",
        0x70 => "MECHANISM_INVALID",
        0x71 => "MECHANISM_PARAM_INVALID",
        PinIncorrect => "PIN_INCORRECT",
        0xa1 => "PIN_INVALID",
        0xa2 => "PIN_LEN_RANGE",
        0xa3 => "PIN_EXPIRED",
        PinLocked => "PIN_LOCKED",
        0xb1 => "SESSION_COUNT",
        SessionHandleInvalid => "SESSION_HANDLE_INVALID",
        TokenNotPresent => "TOKEN_NOT_PRESENT",
        TokenNotRecognized => "TOKEN_NOT_RECOGNIZED",
        UserNotLoggedIn => "USER_NOT_LOGGED_IN",
        0x102 => "USER_PIN_NOT_INITIALIZED",
        0x104 => "USER_ANOTHER_ALREADY_LOGGED_IN",
        _ => $"(0x{value:x})",
    };
}

[StructLayout(LayoutKind.Sequential)]
unsafe struct CkAttribute
{
    public nuint Type;
    public void* Value;
    public nuint Length;
}

[StructLayout(LayoutKind.Sequential)]
unsafe struct CkMechanism
{
    public nuint Mechanism;
    public void* Parameter;
    public nuint Length;
}

[StructLayout(LayoutKind.Sequential)]
struct CkPssParameters
{
    public nuint Hash, Mask, SaltLength;
}

[StructLayout(LayoutKind.Sequential)]
unsafe struct CkInitializeArguments
{
    public void* CreateMutex, DestroyMutex, LockMutex, UnlockMutex;
    public nuint Flags;
    public void* Reserved;
}

/// <summary>CK_INFO up to what we print; modules write all of it.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct CkInfo
{
    public byte Major, Minor;
    public fixed byte Manufacturer[32];
    public nuint Flags;
    public fixed byte Library[32];
    public byte LibraryMajor, LibraryMinor;
}

[StructLayout(LayoutKind.Sequential)]
unsafe struct CkTokenInfo
{
    public fixed byte Label[32], Manufacturer[32], Model[16], Serial[16];
    public nuint Flags;
    public fixed ulong Numbers[10];
    public uint HardwareVersion;
    public fixed byte Time[16];
}

/// <summary>CK_FUNCTION_LIST: a version, then one pointer for each function in the order of pkcs11f.h.</summary>
[StructLayout(LayoutKind.Explicit)]
unsafe struct CkFunctions
{
    [FieldOffset(0)] public byte Major;
    [FieldOffset(1)] public byte Minor;
    [FieldOffset(8 + 8 * 0)] public delegate* unmanaged<CkInitializeArguments*, nuint> Initialize;
    [FieldOffset(8 + 8 * 1)] public delegate* unmanaged<void*, nuint> FinalizeModule;
    [FieldOffset(8 + 8 * 2)] public delegate* unmanaged<CkInfo*, nuint> GetInfo;
    [FieldOffset(8 + 8 * 4)] public delegate* unmanaged<byte, nuint*, nuint*, nuint> GetSlotList;
    [FieldOffset(8 + 8 * 6)] public delegate* unmanaged<nuint, CkTokenInfo*, nuint> GetTokenInfo;
    [FieldOffset(8 + 8 * 12)] public delegate* unmanaged<nuint, nuint, void*, void*, nuint*, nuint> OpenSession;
    [FieldOffset(8 + 8 * 13)] public delegate* unmanaged<nuint, nuint> CloseSession;
    [FieldOffset(8 + 8 * 18)] public delegate* unmanaged<nuint, nuint, byte*, nuint, nuint> Login;
    [FieldOffset(8 + 8 * 19)] public delegate* unmanaged<nuint, nuint> Logout;
    [FieldOffset(8 + 8 * 24)] public delegate* unmanaged<nuint, nuint, CkAttribute*, nuint, nuint> GetAttributeValue;
    [FieldOffset(8 + 8 * 26)] public delegate* unmanaged<nuint, CkAttribute*, nuint, nuint> FindObjectsInit;
    [FieldOffset(8 + 8 * 27)] public delegate* unmanaged<nuint, nuint*, nuint, nuint*, nuint> FindObjects;
    [FieldOffset(8 + 8 * 28)] public delegate* unmanaged<nuint, nuint> FindObjectsFinal;
    [FieldOffset(8 + 8 * 42)] public delegate* unmanaged<nuint, CkMechanism*, nuint, nuint> SignInit;
    [FieldOffset(8 + 8 * 43)] public delegate* unmanaged<nuint, byte*, nuint, byte*, nuint*, nuint> Sign;
}
