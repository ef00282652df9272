// A PKCS#11 library that is loaded: slots, sessions, objects. One call at a time: many libraries claim to be safe for threads, cards are slow anyhow.
using System.Runtime.InteropServices;
using System.Text;

namespace Cygnet.Linux.Pkcs11;

/// <summary>Lives as long as the process: not every library survives being unloaded. All calls hold <see cref="Lock"/>.</summary>
sealed unsafe class Pkcs11Module
{
    const int MaxSlots = 256, MaxObjects = 64, MaxAttribute = 1 << 16;

    readonly CkFunctions* _call;

    Pkcs11Module(string name, CkFunctions* call)
    {
        Name = name;
        _call = call;
    }

    /// <summary>The name of its section in strongswan.conf.</summary>
    public string Name { get; }

    public Lock Lock { get; } = new();

    /// <summary>Loads and initializes a library; null and a sentence why not. Says the reference's lines about it.</summary>
    public static Pkcs11Module? Load(string name, string path, bool osLocking, Action<string> log, out string reason)
    {
        reason = "";
        if (!NativeLibrary.TryLoad(path, out var library))
        {
            reason = $"opening PKCS#11 library '{path}' failed: no such file, or no library for this machine";
            return null;
        }
        if (!NativeLibrary.TryGetExport(library, "C_GetFunctionList", out var export))
        {
            reason = $"no PKCS#11 library: '{path}' has no C_GetFunctionList";
            return null;
        }
        CkFunctions* functions = null;
        if (((delegate* unmanaged<CkFunctions**, nuint>)export)(&functions) is not Ck.Ok || functions is null)
        {
            reason = $"C_GetFunctionList of '{path}' failed";
            return null;
        }
        var result = Initialize(functions, osLocking);
        if (result is not (Ck.Ok or Ck.AlreadyInitialized))
        {
            reason = $"C_Initialize() of '{path}' failed: {Ck.Name(result)}";
            return null;
        }
        var module = new Pkcs11Module(name, functions);
        CkInfo info;
        if (functions->GetInfo(&info) == Ck.Ok)
        {
            log($"loaded PKCS#11 v{info.Major}.{info.Minor} library '{name}' ({path})");
            log($"  {Text(info.Manufacturer, 32)}: {Text(info.Library, 32)} v{info.LibraryMajor}.{info.LibraryMinor}");
        }
        foreach (var slot in module.Slots()) log($"  found token in slot '{name}':{slot} ({module.Label(slot)})");
        return module;
    }

    /// <summary>With os_locking the library is to lock as the operating system does; one that cannot is used without, as every call holds our own lock.</summary>
    internal static nuint Initialize(CkFunctions* functions, bool osLocking)
    {
        var arguments = new CkInitializeArguments { Flags = Ck.OsLocking };
        var result = functions->Initialize(osLocking ? &arguments : null);
        return result == Ck.CannotLock ? functions->Initialize(null) : result;
    }

    /// <summary>Slots in which a token is that has been initialized.</summary>
    public nuint[] Slots()
    {
        var slots = new nuint[MaxSlots];
        nuint count = MaxSlots;
        fixed (nuint* s = slots) return _call->GetSlotList(1, s, &count) == Ck.Ok ? [.. slots[..(int)count].Where(IsInitialized)] : [];
    }

    bool IsInitialized(nuint slot)
    {
        CkTokenInfo info;
        return _call->GetTokenInfo(slot, &info) == Ck.Ok && (info.Flags & Ck.TokenInitialized) != 0;
    }

    public string Label(nuint slot)
    {
        CkTokenInfo info;
        return _call->GetTokenInfo(slot, &info) == Ck.Ok ? Text(info.Label, 32) : "";
    }

    public bool WantsLogin(nuint slot)
    {
        CkTokenInfo info;
        return _call->GetTokenInfo(slot, &info) == Ck.Ok && (info.Flags & Ck.LoginRequired) != 0;
    }

    public nuint Open(nuint slot)
    {
        nuint session;
        Check(_call->OpenSession(slot, Ck.SerialSession, null, null, &session), $"opening a PKCS#11 session on '{Name}':{slot}");
        return session;
    }

    public void Close(nuint session) => _call->CloseSession(session);

    /// <summary>
    /// Logs in. Who is logged in already is so for all sessions of the process, whatever the PIN: he is logged out first, so that a wrong PIN is
    /// known as one. Keys that had the other login log in again by themselves when they sign.
    /// </summary>
    public void Login(nuint session, nuint slot, ReadOnlySpan<byte> pin, bool forOneCall = false)
    {
        fixed (byte* p = pin)
        {
            var result = _call->Login(session, forOneCall ? Ck.ContextSpecific : Ck.User, p, (nuint)pin.Length);
            if (result == Ck.UserAlreadyLoggedIn && !forOneCall)
            {
                _call->Logout(session);
                result = _call->Login(session, Ck.User, p, (nuint)pin.Length);
            }
            Check(result, $"login to '{Name}':{slot}");
        }
    }

    /// <summary>The objects of a class with that CKA_ID; all of the class if the id is empty.</summary>
    public nuint[] Find(nuint session, nuint @class, ReadOnlySpan<byte> id)
    {
        var found = new nuint[MaxObjects];
        nuint count;
        fixed (byte* i = id)
        fixed (nuint* f = found)
        {
            var template = stackalloc CkAttribute[2];
            template[0] = new() { Type = Ck.Class, Value = &@class, Length = (nuint)sizeof(nuint) };
            template[1] = new() { Type = Ck.Id, Value = i, Length = (nuint)id.Length };
            Check(_call->FindObjectsInit(session, template, id.IsEmpty ? 1u : 2u), "C_FindObjectsInit()");
            var result = _call->FindObjects(session, f, MaxObjects, &count);
            _call->FindObjectsFinal(session);
            Check(result, "C_FindObjects()");
        }
        return found[..(int)count];
    }

    /// <summary>An attribute of an object, or null if it has none.</summary>
    public byte[]? Attribute(nuint session, nuint @object, nuint type)
    {
        var attribute = new CkAttribute { Type = type };
        if (_call->GetAttributeValue(session, @object, &attribute, 1) != Ck.Ok || attribute.Length is 0 or > MaxAttribute) return null;
        var value = new byte[(int)attribute.Length];
        fixed (byte* v = value)
        {
            attribute.Value = v;
            return _call->GetAttributeValue(session, @object, &attribute, 1) == Ck.Ok ? value[..(int)attribute.Length] : null;
        }
    }

    /// <summary>A number or a truth value.</summary>
    public nuint? Number(nuint session, nuint @object, nuint type) => Attribute(session, @object, type) switch
    {
        { Length: 1 } one => one[0],
        { } many when many.Length == sizeof(nuint) => MemoryMarshal.Read<nuint>(many),
        _ => null,
    };

    /// <summary>Signs; the parameters are those of RSA-PSS, if that is the mechanism. <paramref name="pin"/> is given where the key wants a login each time.</summary>
    public byte[] Sign(nuint session, nuint slot, nuint key, nuint mechanism, CkPssParameters? pss, ReadOnlySpan<byte> data, ReadOnlySpan<byte> pin)
    {
        var parameters = pss.GetValueOrDefault();
        var how = new CkMechanism { Mechanism = mechanism };
        if (pss is not null)
        {
            how.Parameter = &parameters;
            how.Length = (nuint)sizeof(CkPssParameters);
        }
        Check(_call->SignInit(session, &how, key), "C_SignInit()");
        if (!pin.IsEmpty) Login(session, slot, pin, forOneCall: true);
        var signature = new byte[2048];
        nuint length = 2048;
        fixed (byte* d = data, s = signature) Check(_call->Sign(session, d, (nuint)data.Length, s, &length), "C_Sign()");
        return signature[..(int)length];
    }

    static void Check(nuint result, string doing)
    {
        if (result != Ck.Ok) throw new Pkcs11Failure(doing, result);
    }

    // Texts are padded with blanks.
    static string Text(byte* text, int length) => Encoding.UTF8.GetString(text, length).TrimEnd(' ', '\0');
}
