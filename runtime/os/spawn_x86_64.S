// SPDX-License-Identifier: Apache-2.0
//
// long weir_clone_on_stack(unsigned long flags, void *stack_top, void (*fn)(void *), void *arg)
//
// clone(2) with a new stack: the parent gets the process id or -errno, the child
// calls fn(arg), which must not return. libc's clone is intercepted by sanitizers.
// fn and arg travel on the new stack, since the fifth argument (r8) is the kernel's.
        .text
        .globl  weir_clone_on_stack
        .hidden weir_clone_on_stack
        .type   weir_clone_on_stack, @function
weir_clone_on_stack:
        .cfi_startproc
        subq    $16, %rsi
        movq    %rdx, 0(%rsi)
        movq    %rcx, 8(%rsi)
        xorl    %edx, %edx              // parent_tid
        xorl    %r10d, %r10d            // child_tid
        xorl    %r8d, %r8d              // tls
        movl    $56, %eax               // SYS_clone
        syscall
        testq   %rax, %rax
        jz      1f
        ret
1:      .cfi_undefined rip
        xorl    %ebp, %ebp
        popq    %rax
        popq    %rdi                    // the stack is 16-byte aligned again: fn sees the ABI's
        call    *%rax
        hlt
        .cfi_endproc
        .size   weir_clone_on_stack, . - weir_clone_on_stack
        .section .note.GNU-stack,"",@progbits
